"""The layers of EDM's networks: they keep their weights in one type and compute in their input's.

Initialisation is that of the public EDM code: Xavier-uniform weights times a gain, zero biases.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d, group_norm, linear


def xavier_uniform(shape: Sequence[int], fan_in: int, fan_out: int, gain: float) -> nn.Parameter:
    """Return a parameter drawn from U(-a, a), a = gain sqrt(6 / (fan_in + fan_out))."""
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    return nn.Parameter(torch.empty(*shape).uniform_(-bound, bound))


class Linear(nn.Module):
    """Map (B, in_features) to (B, out_features)."""

    def __init__(self, in_features: int, out_features: int, *, bias: bool = True) -> None:
        super().__init__()
        shape = (out_features, in_features)
        self.weight = xavier_uniform(shape, in_features, out_features, 1.0)
        self.bias = nn.Parameter(torch.zeros(out_features)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Return W x + b for x: (B, in_features)."""
        return linear(x, self.weight.to(x.dtype), _like(self.bias, x))


class GroupNorm(nn.Module):
    """Normalise groups of at least four channels, at most 32 groups (Wu and He 2018)."""

    def __init__(self, channels: int, eps: float) -> None:
        super().__init__()
        self.groups = min(32, channels // 4)
        if channels % self.groups:
            raise ValueError(f"{channels} channels do not divide into {self.groups} groups")
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Return x: (B, C, H, W) normalised, scaled and shifted."""
        weight, bias = self.weight.to(x.dtype), self.bias.to(x.dtype)
        return group_norm(x, self.groups, weight, bias, self.eps)


class Conv2d(nn.Module):
    """Convolve, optionally after doubling or halving the resolution; `kernel=0` only resamples.

    `after=True` halves after the convolution instead, as the "residual" encoder does.
    """

    resample_filter: Tensor | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        *,
        up: bool = False,
        down: bool = False,
        after: bool = False,
        resample_filter: Sequence[float] = (1, 1),
        gain: float = 1.0,
    ) -> None:
        super().__init__()
        self.in_channels, self.out_channels = in_channels, out_channels
        self.up, self.down, self.after = up, down, after
        self.repeats = len(resample_filter) == 2 and resample_filter[0] == resample_filter[1]
        self.weight: nn.Parameter | None = None
        self.bias: nn.Parameter | None = None
        if kernel:
            area = kernel * kernel
            shape = (out_channels, in_channels, kernel, kernel)
            self.weight = xavier_uniform(shape, in_channels * area, out_channels * area, gain)
            self.bias = nn.Parameter(torch.zeros(out_channels))
        taps = _separable(resample_filter) if up or down else None
        self.register_buffer("resample_filter", taps)

    def forward(self, x: Tensor) -> Tensor:
        """Map x: (B, in, H, W) to (B, out, H', W')."""
        if self.after:
            return self._halve(self._convolve(x, margin=self._reach))
        if self.up:
            x = self._double(x)
        if self.down:
            x = self._halve(x, padding=self._reach)
        return self._convolve(x)

    @property
    def _reach(self) -> int:
        return 0 if self.resample_filter is None else (self.resample_filter.shape[-1] - 1) // 2

    def _convolve(self, x: Tensor, margin: int = 0) -> Tensor:
        if self.weight is None:
            return x
        padding = self.weight.shape[-1] // 2 + margin
        return conv2d(x, self.weight.to(x.dtype), _like(self.bias, x), padding=padding)

    def _halve(self, x: Tensor, padding: int = 0) -> Tensor:
        channels = x.shape[1]
        return conv2d(x, self._taps(x), stride=2, padding=padding, groups=channels)

    def _double(self, x: Tensor) -> Tensor:
        batch, channels, height, width = x.shape
        if self.repeats:
            # Equal to the transposed convolution below, and several times as fast on a CPU.
            x = x[:, :, :, None, :, None].expand(-1, -1, -1, 2, -1, 2)
            return x.reshape(batch, channels, 2 * height, 2 * width)
        taps = self._taps(x) * 4
        return conv_transpose2d(x, taps, stride=2, padding=self._reach, groups=channels)

    def _taps(self, x: Tensor) -> Tensor:
        assert self.resample_filter is not None
        return self.resample_filter.to(x.dtype).expand(x.shape[1], -1, -1, -1)


class PositionalEmbedding(nn.Module):
    """Embed the noise level by cosines and sines, frequencies 1 to 1/10000 (DDPM++)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, noise: Tensor) -> Tensor:
        """Map noise: (B,) to (B, channels)."""
        half = self.channels // 2
        ramp = torch.arange(half, dtype=noise.dtype, device=noise.device) / max(half - 1, 1)
        angles = noise.outer((1 / 10_000) ** ramp)
        return torch.cat([angles.cos(), angles.sin()], dim=1)


class FourierEmbedding(nn.Module):
    """Embed the noise level by cosines and sines of fixed random frequencies (NCSN++)."""

    freqs: Tensor

    def __init__(self, channels: int, scale: float = 16.0) -> None:
        super().__init__()
        self.register_buffer("freqs", torch.randn(channels // 2) * scale)

    def forward(self, noise: Tensor) -> Tensor:
        """Map noise: (B,) to (B, channels)."""
        angles = noise.outer(2 * math.pi * self.freqs.to(noise.dtype))
        return torch.cat([angles.cos(), angles.sin()], dim=1)


def _like(parameter: nn.Parameter | None, x: Tensor) -> Tensor | None:
    return None if parameter is None else parameter.to(x.dtype)


def _separable(taps: Sequence[float]) -> Tensor:
    line = torch.tensor(taps, dtype=torch.float32)
    return (line.outer(line) / line.sum().square())[None, None]
