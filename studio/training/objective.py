"""What a step of training minimises."""

from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn

from studio.training.losses.spec import LossSpec, Seen
from studio.training.uncertainty import Uncertainty


class Batch(NamedTuple):
    """Hold what a step sees: clean and noise (B, C, H, W), sigma (B,), and labels or None."""

    clean: Tensor
    noise: Tensor
    sigma: Tensor
    labels: Tensor | None
    augment_labels: Tensor | None


class Objective(nn.Module):
    """The loss of a denoiser network(x, sigma, labels, augment_labels).

    Nearly always λ(σ) |D(y + σ n; σ) - y|² as a mean over channels and pixels (Karras et al. 2022,
    Eq. 8). The public code takes the sum; Adam does not see the difference, and a mean can be
    compared between sizes.

    It is denoising score matching (Vincent 2011, Eq. 9): with the score s(x) = (D - x) / σ² and
    ∇ ln p(x | y) = (y - x) / σ², the weight λ = 1/σ² gives σ² |s - ∇ ln p(x | y)|². On average that
    is σ² |s - ∇ ln p(x)|² and a constant, so that the least loss is at the score of the noisy data.
    The DDPM simple loss |ε - n|² is the same number, since ε = -σ s and n = -σ ∇ ln p(x | y).
    """

    def __init__(
        self,
        network: nn.Module,
        spec: LossSpec,
        knobs: dict[str, Any],
        sigma_data: float,
        *,
        uncertainty: bool = False,
    ) -> None:
        super().__init__()
        self.network = network
        self.uncertainty = Uncertainty() if uncertainty else None
        self._spec, self._knobs, self._sigma_data = spec, knobs, sigma_data

    def forward(
        self,
        clean: Tensor,
        noise: Tensor,
        sigma: Tensor,
        labels: Tensor | None,
        augment_labels: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        """Return two (B,): what is to be minimised, and the weighted loss to be shown."""
        noisy = torch.addcmul(clean, noise, sigma[:, None, None, None].to(clean.dtype))
        told = (sigma, labels, augment_labels)
        seen = Seen(
            clean=clean,
            noisy=noisy,
            sigma=sigma,
            denoise=lambda x: self.network(x, *told),
            with_variance=lambda x: self._with_variance(x, *told),
        )
        weighted: Tensor = self._spec.loss(seen, self.weight(sigma), **self._knobs)
        if self.uncertainty is None:
            return weighted, weighted.detach()
        log = self.uncertainty(sigma)
        return weighted / log.exp() + log, weighted.detach()

    def _with_variance(self, x: Tensor, *told: Tensor | None) -> tuple[Tensor, Tensor]:
        both: tuple[Tensor, Tensor] = cast(Any, self.network).with_variance(x, *told)
        return both

    def weight(self, sigma: Tensor) -> Tensor:
        """Return λ(σ): (B,) at sigma: (B,)."""
        weight: Tensor = self._spec.run(sigma, self._sigma_data, **self._knobs)
        return weight

    def levels(self, u: Tensor) -> Tensor:
        """Return the levels (B,) float32 below which shares u: (B,) of all levels lie."""
        sigma: Tensor = self._spec.level(u, **self._knobs)
        return sigma.float()
