"""A denoiser that was learned: a preconditioned network."""

import torch
from torch import Tensor

from studio.models.info import ModelInfo
from studio.models.model import Model
from studio.models.networks.preconditioned import Preconditioned


class LearnedModel(Model):
    """Estimate with a network that holds its own preconditioning and is not trained any further."""

    def __init__(self, info: ModelInfo, network: Preconditioned, device: torch.device) -> None:
        super().__init__(info, device, network.dtype)
        self.network = network.eval().requires_grad_(False)

    def estimate(self, x: Tensor, sigma: Tensor, labels: Tensor | None) -> Tensor:
        """Return x̂₀ of x: (B, C, H, W) at sigma: (B,)."""
        denoised: Tensor = self.network(x, sigma, labels)
        return denoised
