"""Change weights by their gradients, and leave them alone where these are not finite."""

from collections.abc import Iterable
from typing import cast

import torch
from torch import Tensor, nn

from studio.training.precision import LossScale
from studio.training.sections import Optimiser

_KINDS = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}
MOMENTS = ("exp_avg", "exp_avg_sq", "step")


class Stepper:
    """Clip gradients and take a step of a fused Adam or AdamW.

    A gradient with a NaN or an infinity in it changes neither weights nor moments: the kernel skips
    the step on the device, and nothing waits for the device to find out.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], options: Optimiser, scale: LossScale
    ) -> None:
        self.parameters = list(parameters)
        self.scale = scale
        self._clip = options.clip or float("inf")
        self.adam = _KINDS[options.kind](
            self.parameters,
            lr=options.lr,
            betas=(options.beta1, options.beta2),
            eps=options.eps,
            weight_decay=options.weight_decay,
            fused=True,
        )
        self._begin()

    def step(self, lr: float) -> tuple[Tensor, Tensor]:
        """Take a step and return the norm of the gradient and 1 where it was skipped, else 0.

        Both are scalars on the device. The gradients are gone afterwards.
        """
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        scale = self.scale.factor
        norm = torch.nn.utils.get_total_norm(gradients, foreach=True) / scale
        bad = 1 - torch.isfinite(norm).float()
        for group in self.adam.param_groups:
            group["lr"] = lr
        # The fused kernels read these two attributes, as torch's GradScaler sets them, and divide
        # by the one as they go: neither clipping nor unscaling goes over the gradients again.
        self.adam.found_inf = bad
        self.adam.grad_scale = (norm / self._clip).clamp(min=1) * scale
        self.adam.step()
        self.adam.zero_grad(set_to_none=True)
        self.scale.update(bad)
        return norm, bad

    def moments(self) -> list[dict[str, Tensor]]:
        """Return the state of every parameter, as it is: exp_avg, exp_avg_sq and step."""
        return [cast(dict[str, Tensor], self.adam.state[p]) for p in self.parameters]

    def _begin(self) -> None:
        # What Adam itself would make at its first step; a checkpoint can then be filled in.
        for p in self.parameters:
            self.adam.state[p] = {
                "step": torch.zeros((), dtype=torch.float32, device=p.device),
                "exp_avg": torch.zeros_like(p, memory_format=torch.preserve_format),
                "exp_avg_sq": torch.zeros_like(p, memory_format=torch.preserve_format),
            }
