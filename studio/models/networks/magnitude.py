"""What keeps the magnitude of what goes through a network (Karras et al. 2024, appendix B)."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

_EPS = 1e-4


def normalized(x: Tensor, dim: Iterable[int]) -> Tensor:
    """Return x with a mean square of 1 over some dimensions."""
    norm: Tensor = torch.linalg.vector_norm(x, dim=tuple(dim), keepdim=True, dtype=torch.float32)
    scale = math.sqrt(norm.numel() / x.numel())
    unit: Tensor = x / (_EPS + norm * scale).to(x.dtype)
    return unit


def mp_silu(x: Tensor) -> Tensor:
    """Return silu(x), scaled to the magnitude of x (equation 81)."""
    return silu(x) / 0.596


def mp_sum(a: Tensor, b: Tensor, balance: float) -> Tensor:
    """Return a mix of a and b, all b at a balance of 1 (equation 88)."""
    return a.lerp(b, balance) / math.hypot(1 - balance, balance)


def mp_cat(a: Tensor, b: Tensor, balance: float) -> Tensor:
    """Return the channels of a: (B, Na, H, W) and b: (B, Nb, H, W), weighted (equation 103)."""
    of_a, of_b = a.shape[1], b.shape[1]
    scale = math.sqrt((of_a + of_b) / ((1 - balance) ** 2 + balance**2))
    weight_a, weight_b = scale / math.sqrt(of_a) * (1 - balance), scale / math.sqrt(of_b) * balance
    return torch.cat([weight_a * a, weight_b * b], dim=1)


class MPFourier(nn.Module):
    """Embed the noise level by cosines of fixed random frequencies and phases (equation 75)."""

    freqs: Tensor
    phases: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("freqs", 2 * math.pi * torch.randn(channels))
        self.register_buffer("phases", 2 * math.pi * torch.rand(channels))

    def forward(self, noise: Tensor) -> Tensor:
        """Map noise: (B,) to (B, channels)."""
        angles = noise.float().outer(self.freqs.float()) + self.phases.float()
        return (angles.cos() * math.sqrt(2)).to(noise.dtype)


def folded(weight: Tensor) -> Tensor:
    """Return the weights that a layer of EDM2 computes with: (out, in, …), of any type, in float32.

    It brings every row to unit length, whatever its own, and divides it by the root of the number
    of inputs (equations 47 and 66).
    """
    unit = normalized(weight.float(), range(1, weight.ndim))
    return unit / math.sqrt(weight[0].numel())
