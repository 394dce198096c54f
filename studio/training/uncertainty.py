"""How uncertain each noise level is, learned along with the network."""

import math

import torch
from torch import Tensor, nn

from studio.training import keyed

_CHANNELS = 128


class Uncertainty(nn.Module):
    """Estimate u(σ), the logarithm of the loss at each level (Karras et al. 2024, Eq. 21).

    The minimiser of λ e² / exp(u) + u has exp(u) equal to the mean of λ e², so that every level
    weighs the same however hard it is. It is no part of the model.
    """

    freqs: Tensor
    phases: Tensor

    def __init__(self) -> None:
        super().__init__()
        one = torch.zeros(1, dtype=torch.int64)
        self.register_buffer("freqs", 2 * math.pi * keyed.normal(1, one, _CHANNELS)[0])
        self.register_buffer("phases", 2 * math.pi * keyed.uniform(2, one, _CHANNELS)[0].float())
        self.weight = nn.Parameter(torch.zeros(_CHANNELS))

    def forward(self, sigma: Tensor) -> Tensor:
        """Return u: (B,) at sigma: (B,)."""
        noise = sigma.float().log() / 4
        features = math.sqrt(2) * (noise[:, None] * self.freqs + self.phases).cos()
        return features @ self.weight / math.sqrt(_CHANNELS)
