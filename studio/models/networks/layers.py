"""The layers of EDM's networks: they keep their weights in one type and compute in their input's.

Initialisation is that of the public EDM code: Xavier-uniform weights times a gain, zero biases.
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import group_norm, linear

from studio.models.networks.resampling import Resampling, reach


def xavier_uniform(weight: Tensor, gain: float) -> None:
    """Draw weights: (out, in, …) from U(-a, a), a = gain sqrt(6 / (fan_in + fan_out))."""
    area = weight[0, 0].numel()
    bound = gain * math.sqrt(6 / ((weight.shape[0] + weight.shape[1]) * area))
    nn.init.uniform_(weight, -bound, bound)


class Linear(nn.Linear):
    """Map (B, in_features) to (B, out_features)."""

    def __init__(self, in_features: int, out_features: int, *, bias: bool = True) -> None:
        super().__init__(in_features, out_features, bias)

    def reset_parameters(self) -> None:
        """Draw the weights."""
        xavier_uniform(self.weight, 1.0)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

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


class Conv2d(Resampling, nn.Conv2d):
    """Convolve, optionally after doubling or halving the resolution.

    `after=True` halves after the convolution instead, as the "residual" encoder does. The first
    arguments are those of torch's own, so that peft can make a layer of the same kind; a padding of
    None keeps the size.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | None = None,
        *,
        groups: int = 1,
        bias: bool = True,
        up: bool = False,
        down: bool = False,
        after: bool = False,
        resample_filter: Sequence[float] = (1, 1),
        gain: float = 1.0,
    ) -> None:
        if padding is None:
            kernel = kernel_size if isinstance(kernel_size, int) else kernel_size[0]
            padding = kernel // 2 + (reach(resample_filter) if after else 0)
        nn.Conv2d.__init__(
            self, in_channels, out_channels, kernel_size, stride, padding, groups=groups, bias=bias
        )
        self.after = after
        self._set_filter(resample_filter, up=up, down=down)
        xavier_uniform(self.weight, gain)

    def reset_parameters(self) -> None:
        """Set the biases; the weights are drawn when the gain is known."""
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map x: (B, in, H, W) to (B, out, H', W')."""
        return self.forward_with(x, self.weight)

    def forward_with(self, x: Tensor, weight: Tensor) -> Tensor:
        """Map x as `forward` does, with another weight in place of its own."""

        def convolve(x: Tensor) -> Tensor:
            y: Tensor = self._conv_forward(x, weight.to(x.dtype), _like(self.bias, x))
            return y

        return self.around(x, convolve)

    def around(self, x: Tensor, convolve: Callable[[Tensor], Tensor]) -> Tensor:
        """Return what a convolution makes of x with the resampling before or after it."""
        if self.after:
            return self._halve(convolve(x))
        return convolve(self.resampled(x))


class PositionalEmbedding(nn.Module):
    """Embed the noise level by cosines and sines, frequencies 1 to 1/10000 (DDPM++).

    Without `endpoint` they end one step before that, as in the networks of OpenAI.
    """

    def __init__(self, channels: int, *, endpoint: bool = True) -> None:
        super().__init__()
        self.channels = channels
        self.endpoint = endpoint

    def forward(self, noise: Tensor) -> Tensor:
        """Map noise: (B,) to (B, channels)."""
        half = self.channels // 2
        ramp = torch.arange(half, dtype=noise.dtype, device=noise.device) / max(
            half - self.endpoint, 1
        )
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


class LabelDropout(nn.Module):
    """Hide the class of a share of the pictures, `label_dropout`, from a network in training."""

    label_dropout: float

    def _dropped(self, labels: Tensor) -> Tensor:
        """Return labels: (B, classes), of which some rows, drawn anew, are no class."""
        if not (self.training and self.label_dropout):
            return labels
        kept = torch.rand(len(labels), 1, device=labels.device) >= self.label_dropout
        return labels * kept


def _like(parameter: Tensor | None, x: Tensor) -> Tensor | None:
    return None if parameter is None else parameter.to(x.dtype)
