"""What a step of training minimises."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from studio.training.losses.spec import LossSpec
from studio.training.uncertainty import Uncertainty


class Batch(NamedTuple):
    """Hold what a step sees: clean and noise (B, C, H, W), sigma (B,), and labels or None."""

    clean: Tensor
    noise: Tensor
    sigma: Tensor
    labels: Tensor | None
    augment_labels: Tensor | None


class Objective(nn.Module):
    """The weighted denoising loss of a denoiser network(x, sigma, labels, augment_labels).

    λ(σ) |D(y + σ n; σ) - y|² as a mean over channels and pixels (Karras et al. 2022, Eq. 8). The
    public code takes the sum; Adam does not see the difference, and a mean can be compared between
    sizes. This is denoising score matching (Vincent 2011) with the score (D - x) / σ².
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
        denoised = self.network(noisy, sigma, labels, augment_labels)
        error = (denoised - clean).square().flatten(1).mean(dim=1)
        weighted = self.weight(sigma) * error
        if self.uncertainty is None:
            return weighted, weighted.detach()
        log = self.uncertainty(sigma)
        return weighted / log.exp() + log, weighted.detach()

    def weight(self, sigma: Tensor) -> Tensor:
        """Return λ(σ): (B,) at sigma: (B,)."""
        weight: Tensor = self._spec.run(sigma, self._sigma_data, **self._knobs)
        return weight

    def levels(self, u: Tensor) -> Tensor:
        """Return the levels (B,) float32 below which shares u: (B,) of all levels lie."""
        sigma: Tensor = self._spec.level(u, **self._knobs)
        return sigma.float()
