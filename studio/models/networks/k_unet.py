"""The U-Net of k-diffusion, image_v1 (Crowson, k-diffusion)."""

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d, dropout2d, gelu, group_norm, pad

from studio.models.networks.guided_block import attended
from studio.models.networks.layers import Conv2d, Linear

_GROUP, _HEAD = 32, 64
_TAPS = (1 / 8, 3 / 8, 3 / 8, 1 / 8)


class Waves(nn.Module):
    """Turn (B, features) into cosines and sines of fixed random frequencies (B, channels)."""

    weight: Tensor

    def __init__(self, features: int, channels: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.randn(channels // 2, features))

    def forward(self, x: Tensor) -> Tensor:
        """Map x: (B, features) to (B, channels)."""
        angles = 2 * math.pi * x @ self.weight.to(x.dtype).T
        return torch.cat([angles.cos(), angles.sin()], dim=-1)


class AdaNorm(nn.Module):
    """Normalise groups of 32 channels, scaled and shifted by the condition (AdaGN)."""

    def __init__(self, features: int, channels: int) -> None:
        super().__init__()
        self.groups = max(1, channels // _GROUP)
        self.affine = Linear(features, 2 * channels)
        nn.init.zeros_(self.affine.weight)

    def forward(self, x: Tensor, cond: Tensor) -> Tensor:
        """Map x: (B, C, H, W) with cond: (B, features)."""
        scale, shift = self.affine(cond).to(x.dtype)[:, :, None, None].chunk(2, dim=1)
        return torch.addcmul(shift, group_norm(x, self.groups), scale + 1)


class ResBlock(nn.Module):
    """Two convolutions, conditioned by their normalisations, and a way around them."""

    def __init__(self, features: int, inner: int, middle: int, outer: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.norm0, self.conv0 = AdaNorm(features, inner), Conv2d(inner, middle, 3)
        self.norm1, self.conv1 = AdaNorm(features, middle), Conv2d(middle, outer, 3, gain=0.0)
        self.skip = Conv2d(inner, outer, 1, bias=False) if inner != outer else None

    def forward(self, x: Tensor, cond: Tensor) -> Tensor:
        """Map x: (B, in, H, W) with cond: (B, features) to (B, out, H, W)."""
        y = self.conv0(gelu(self.norm0(x, cond)))
        y = gelu(self.norm1(dropout2d(y, self.dropout, self.training), cond))
        y = dropout2d(self.conv1(y), self.dropout, self.training)
        mapped: Tensor = y + (x if self.skip is None else self.skip(x))
        return mapped


class Attention(nn.Module):
    """Let every place look at every other, in heads of 64 channels."""

    def __init__(self, features: int, channels: int) -> None:
        super().__init__()
        self.heads = max(1, channels // _HEAD)
        self.norm = AdaNorm(features, channels)
        self.qkv = Conv2d(channels, 3 * channels, 1)
        self.proj = Conv2d(channels, channels, 1, gain=0.0)

    def forward(self, x: Tensor, cond: Tensor) -> Tensor:
        """Map x: (B, C, H, W) with cond: (B, features) to the same shape."""
        mixed = attended(self.qkv(self.norm(x, cond)).flatten(2), self.heads, new_order=True)
        projected: Tensor = self.proj(mixed.reshape(x.shape))
        return x + projected


class Resize(nn.Module):
    """Halve or double the resolution by a filter of four taps; the picture goes on mirrored."""

    kernel: Tensor

    def __init__(self, *, up: bool) -> None:
        super().__init__()
        self.up = up
        line = torch.tensor(_TAPS) * (2 if up else 1)
        self.register_buffer("kernel", line.outer(line))

    def forward(self, x: Tensor) -> Tensor:
        """Map x: (B, C, H, W) to (B, C, H', W')."""
        channels = x.shape[1]
        taps = self.kernel.to(x.dtype).expand(channels, 1, -1, -1)
        x = pad(x, (1, 1, 1, 1), "reflect")
        if self.up:
            return conv_transpose2d(x, taps, stride=2, padding=3, groups=channels)
        return conv2d(x, taps, stride=2, groups=channels)


class Level(nn.Module):
    """Hold the blocks of one resolution; `resize` comes before them going down, after them up."""

    def __init__(
        self,
        features: int,
        widths: tuple[int, int, int],
        blocks: int,
        *,
        attends: bool,
        dropout: float,
        resize: str = "",
    ) -> None:
        super().__init__()
        inner, middle, outer = widths
        ends = [outer if n == blocks - 1 else middle for n in range(blocks)]
        starts = [inner, *ends[:-1]]
        self.blocks = nn.ModuleList(
            ResBlock(features, a, middle, b, dropout) for a, b in zip(starts, ends, strict=True)
        )
        self.attentions = nn.ModuleList(Attention(features, b) for b in ends) if attends else None
        self.resize = Resize(up=resize == "up") if resize else None

    def forward(self, x: Tensor, cond: Tensor) -> Tensor:
        """Map x: (B, C, H, W) with cond: (B, features)."""
        if self.resize is not None and not self.resize.up:
            x = self.resize(x)
        for number, block in enumerate(self.blocks):
            x = block(x, cond)
            if self.attentions is not None:
                x = self.attentions[number](x, cond)
        return x if self.resize is None or not self.resize.up else self.resize(x)


class KUNet(nn.Module):
    """Predict (B, out_channels, H, W) from a noisy picture and ln(sigma) / 4.

    The first `skip_stages` levels are left out, as in progressive growing. `has_variance` adds a
    channel to the end, which is for training there and is dropped here.
    """

    def __init__(
        self,
        *,
        img_resolution: int,
        in_channels: int,
        out_channels: int,
        features: int,
        depths: Sequence[int],
        channels: Sequence[int],
        attends: Sequence[bool],
        label_dim: int = 0,
        augment_dim: int = 0,
        dropout: float = 0.0,
        skip_stages: int = 0,
        has_variance: bool = False,
    ) -> None:
        super().__init__()
        self.img_resolution, self.out_channels = img_resolution, out_channels
        self.label_dim = label_dim
        self.skip_stages = skip_stages
        outside = channels[max(0, skip_stages - 1)]
        self.map_noise = Waves(1, features)
        self.map_label = Linear(label_dim, features, bias=False) if label_dim else None
        self.map_augment = Linear(augment_dim, features, bias=False) if augment_dim else None
        self.map_layer0, self.map_layer1 = Linear(features, features), Linear(features, features)
        self.conv_in = Conv2d(in_channels, outside, 1)
        self.conv_out = Conv2d(outside, out_channels + has_variance, 1, gain=0.0)

        def levels(way: str) -> Iterator[Level]:
            for n, (depth, width, attend) in enumerate(zip(depths, channels, attends, strict=True)):
                outer = channels[max(0, n - 1)]
                joined = width * (2 if n < len(depths) - 1 else 1)
                widths = (outer, width, width) if way == "down" else (joined, width, outer)
                resize = way if n > skip_stages else ""
                yield Level(features, widths, depth, attends=attend, dropout=dropout, resize=resize)

        self.enc, self.dec = nn.ModuleList(levels("down")), nn.ModuleList(levels("up"))

    def forward(
        self,
        x: Tensor,
        noise: Tensor,
        labels: Tensor | None = None,
        augment_labels: Tensor | None = None,
    ) -> Tensor:
        """Return the raw prediction (B, out_channels, H, W).

        x: (B, in_channels, H, W); noise: (B,), the c_noise of EDM; labels: (B, label_dim) one-hot,
        zeros or None for no class; augment_labels: (B, augment_dim).
        """
        emb = self.map_noise(noise[:, None])
        if self.map_label is not None and labels is not None:
            # Scaled as in EDM, and the weights the other way, so that classes can be exchanged.
            emb = emb + self.map_label(labels.to(emb.dtype) * math.sqrt(self.label_dim))
        if self.map_augment is not None and augment_labels is not None:
            emb = emb + self.map_augment(augment_labels.to(emb.dtype))
        cond = gelu(self.map_layer1(gelu(self.map_layer0(emb))))
        x = self.conv_in(x)
        maps = []
        for level in self.enc[self.skip_stages :]:
            x = level(x, cond)
            maps.append(x)
        x = maps.pop()
        for number in range(len(self.dec) - 1, self.skip_stages - 1, -1):
            if number < len(self.dec) - 1:
                x = torch.cat([x, maps.pop()], dim=1)
            x = self.dec[number](x, cond)
        raw: Tensor = self.conv_out(x)
        return raw[:, : self.out_channels]
