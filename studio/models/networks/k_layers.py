"""The layers of k-diffusion's hourglass transformer (Crowson et al. 2024, HDiT)."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, gelu

from studio.models.networks.k_attention import everywhere, in_windows, nearby
from studio.models.networks.layers import Linear

_EPS = 1e-6


def rms_norm(x: Tensor, scale: Tensor) -> Tensor:
    """Return x: (..., C) over the root of its mean square, times scale; the mean is float32."""
    exact = torch.promote_types(x.dtype, torch.float32)
    factor = scale.to(exact) * torch.rsqrt(x.to(exact).square().mean(-1, keepdim=True) + _EPS)
    return x * factor.to(x.dtype)


class RMSNorm(nn.Module):
    """Normalise the last axis by its mean square (Zhang & Sennrich 2019)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Map x: (..., C) to the same shape."""
        return rms_norm(x, self.scale)


class FeedForward(nn.Module):
    """Two layers with a gated GELU between them; the condition scales what goes in, if any."""

    def __init__(self, channels: int, inner: int, features: int, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.affine = Linear(features, channels, bias=False) if features else None
        self.norm = None if features else RMSNorm(channels)
        self.up = Linear(channels, 2 * inner, bias=False)
        self.down = Linear(inner, channels, bias=False)

    def forward(self, x: Tensor, cond: Tensor | None = None) -> Tensor:
        """Map x: (B, ..., C) with cond: (B, features) to the same shape."""
        seen = _scaled(x, self.affine, cond) if self.norm is None else self.norm(x)
        value, gate = self.up(seen).chunk(2, dim=-1)
        mapped: Tensor = self.down(dropout(value * gelu(gate), self.rate, self.training))
        return x + mapped


class SelfAttention(nn.Module):
    """Attend by the cosine of q and k, turned by their places (axial RoPE), of one `kind`."""

    freqs: Tensor

    def __init__(
        self,
        channels: int,
        head: int,
        features: int,
        *,
        kind: str,
        size: int,
        shift: int,
        rate: float,
    ) -> None:
        super().__init__()
        if channels % head:
            raise ValueError(f"{channels} channels do not divide into heads of {head}")
        self.heads, self.rate = channels // head, rate
        self.kind, self.size, self.shift = kind, size, shift
        self.affine = Linear(features, channels, bias=False)
        self.qkv = Linear(channels, 3 * channels, bias=False)
        self.scale = nn.Parameter(torch.full([self.heads], 10.0))
        steps = torch.linspace(0, math.log(10), self.heads * head // 8 + 1)[:-1]
        freqs = (math.pi * steps.exp()).view(head // 8, self.heads).T
        self.register_buffer("freqs", freqs.contiguous())
        self.proj = Linear(channels, channels, bias=False)

    def forward(self, x: Tensor, cond: Tensor) -> Tensor:
        """Map x: (B, H, W, C) with cond: (B, features) to the same shape."""
        qkv = self.qkv(_scaled(x, self.affine, cond))
        q, k, v = qkv.reshape(*qkv.shape[:3], 3, self.heads, -1).permute(3, 0, 4, 1, 2, 5)
        angles = self._angles(x.shape[1], x.shape[2])
        q, k = (self._turned(each, angles) for each in (q, k))
        mixed = self._mixed(q, k, v).movedim(1, 3).flatten(3)
        attended: Tensor = self.proj(dropout(mixed, self.rate, self.training))
        return x + attended

    def _mixed(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        if self.kind == "neighborhood":
            return nearby(q, k, v, self.size)
        if self.kind == "shifted-window":
            return in_windows(q, k, v, self.size, self.shift)
        return everywhere(q, k, v)

    def _turned(self, x: Tensor, angles: Tensor) -> Tensor:
        """Return x: (B, heads, H, W, d) of length sqrt(scale), half of it turned by the angles."""
        exact = torch.promote_types(x.dtype, torch.float32)
        long = x.to(exact)
        long = long * torch.rsqrt(long.square().sum(-1, keepdim=True) + _EPS)
        long = long * self.scale.to(exact).sqrt()[:, None, None, None]
        count = angles.shape[-1]
        a, b, rest = long.tensor_split([count, 2 * count], dim=-1)
        cos, sin = angles.to(exact).cos(), angles.to(exact).sin()
        return torch.cat([a * cos - b * sin, b * cos + a * sin, rest], dim=-1).to(x.dtype)

    def _angles(self, height: int, width: int) -> Tensor:
        """Return the angles (heads, H, W, d / 4) of places between -1 and 1 on the longer side."""
        longest, freqs = max(height, width), self.freqs[:, None, None]
        down, across = (
            (2 * torch.arange(n, device=freqs.device, dtype=freqs.dtype) + 1 - n) / longest
            for n in (height, width)
        )
        rows = (down[:, None, None] * freqs).expand(-1, -1, width, -1)
        columns = (across[:, None] * freqs).expand(-1, height, -1, -1)
        return torch.cat([rows, columns], dim=-1)


class Layer(nn.Module):
    """Self-attention, if there is any, and two layers after it."""

    def __init__(self, attention: SelfAttention | None, ff: FeedForward) -> None:
        super().__init__()
        self.attention, self.ff = attention, ff

    def forward(self, x: Tensor, cond: Tensor) -> Tensor:
        """Map x: (B, H, W, C) with cond: (B, features) to the same shape."""
        if self.attention is not None:
            x = self.attention(x, cond)
        mapped: Tensor = self.ff(x, cond)
        return mapped


class Merge(nn.Module):
    """Join squares of places into one place each."""

    def __init__(self, inner: int, outer: int, height: int = 2, width: int = 2) -> None:
        super().__init__()
        self.height, self.width = height, width
        self.proj = Linear(inner * height * width, outer, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map x: (B, H, W, C) to (B, H / height, W / width, outer)."""
        batch, height, width, channels = x.shape
        down, across = height // self.height, width // self.width
        parted = x.reshape(batch, down, self.height, across, self.width, channels)
        merged: Tensor = self.proj(parted.transpose(2, 3).flatten(3))
        return merged


class Split(nn.Module):
    """Part each place into a square of places; with a skip, go `fac` of the way from it."""

    def __init__(
        self, inner: int, outer: int, height: int = 2, width: int = 2, *, skips: bool = True
    ) -> None:
        super().__init__()
        self.height, self.width = height, width
        self.proj = Linear(inner, outer * height * width, bias=False)
        self.fac = nn.Parameter(torch.full([1], 0.5)) if skips else None

    def forward(self, x: Tensor, skip: Tensor | None = None) -> Tensor:
        """Map x: (B, H, W, C) to (B, H height, W width, outer)."""
        parted: Tensor = self.proj(x).reshape(*x.shape[:3], self.height, self.width, -1)
        parted = parted.transpose(2, 3).flatten(3, 4).flatten(1, 2)
        if self.fac is None or skip is None:
            return parted
        return torch.lerp(skip, parted, self.fac.to(parted.dtype))


def _scaled(x: Tensor, affine: Linear | None, cond: Tensor | None) -> Tensor:
    """Return x: (B, ..., C) normalised and scaled by 1 + affine(cond)."""
    assert affine is not None
    assert cond is not None
    scale = affine(cond) + 1
    return rms_norm(x, scale.reshape(len(x), *[1] * (x.ndim - 2), -1))
