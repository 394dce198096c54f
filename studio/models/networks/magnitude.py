"""Layers that keep the magnitude of what goes through them (Karras et al. 2024, appendix B)."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, linear, silu

_EPS = 1e-4


def normalized(x: Tensor, dim: Sequence[int]) -> Tensor:
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


class MPConv(nn.Module):
    """Convolve, or multiply by a matrix, with weights of unit magnitude (equations 47 and 66)."""

    def __init__(self, in_channels: int, out_channels: int, kernel: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.out_channels = out_channels
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, *kernel))

    def forward(self, x: Tensor, gain: float | Tensor = 1.0) -> Tensor:
        """Map x: (B, in) to (B, out), or (B, in, H, W) to (B, out, H, W)."""
        weight = self.weight.float()
        dims = range(1, weight.ndim)
        if self.training and self.weight.requires_grad:
            # Else the weights grow, and what is learned from them shrinks.
            with torch.no_grad():
                self.weight.copy_(normalized(weight, dims))
        weight = normalized(weight, dims) * (gain / math.sqrt(weight[0].numel()))
        weight = weight.to(x.dtype)
        if weight.ndim == 2:
            return linear(x, weight)
        return conv2d(x, weight, padding=weight.shape[-1] // 2)
