"""The network of improved and guided diffusion (Nichol & Dhariwal 2021; Dhariwal & Nichol 2021)."""

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import pad, silu

from studio.models.networks.guided_block import Attention, ResBlock, group_norm
from studio.models.networks.layers import Conv2d, Linear

_SLOWEST = 10_000


class Stage(nn.Module):
    """Hold what happens between two feature maps: any of a convolution, a block, and so on.

    `conv` is the first convolution of the network, or the one that resamples where no block does;
    with `corner` it sees one more row and column at the end.
    """

    def __init__(
        self,
        *,
        conv: nn.Module | None = None,
        block: ResBlock | None = None,
        attention: Attention | None = None,
        up: ResBlock | None = None,
        corner: bool = False,
    ) -> None:
        super().__init__()
        self.corner = corner
        self.block, self.attention, self.up, self.conv = block, attention, up, conv

    def forward(self, x: Tensor, emb: Tensor) -> Tensor:
        """Map x: (B, C, H, W) with emb: (B, emb_channels)."""
        if self.block is not None:
            x = self.block(x, emb)
        if self.attention is not None:
            x = self.attention(x)
        if self.up is not None:
            x = self.up(x, emb)
        if self.corner:
            x = pad(x, (0, 1, 0, 1))
        return x if self.conv is None else self.conv(x)


class GuidedEncoder(nn.Module):
    """Embed the time and turn a picture into feature maps: half of the U-Net, or a classifier's."""

    def __init__(
        self,
        *,
        in_channels: int,
        model_channels: int,
        channel_mult: Sequence[float],
        num_blocks: int,
        attends: Sequence[bool],
        num_heads: int = 1,
        num_head_channels: int = 0,
        new_order: bool = False,
        scale_shift: bool = True,
        resblock_updown: bool = True,
        dropout: float = 0.0,
        manner: str = "guided",
    ) -> None:
        super().__init__()
        self.model_channels = model_channels
        self.as_ddpm = manner == "ddpm"
        self._eps = 1e-6 if self.as_ddpm else 1e-5
        self._heads = (num_heads, num_head_channels, new_order)
        self._block = (4 * model_channels, scale_shift, dropout)
        self._resample_by_block = resblock_updown
        self.widths = [int(factor * model_channels) for factor in channel_mult]
        self.num_blocks, self.attends = num_blocks, tuple(attends)
        self.map_layer0 = Linear(model_channels, 4 * model_channels)
        self.map_layer1 = Linear(4 * model_channels, 4 * model_channels)
        self.enc = nn.ModuleList([Stage(conv=Conv2d(in_channels, self.widths[0], 3))])
        self.channels = [self.widths[0]]
        for level, width in enumerate(self.widths):
            for _ in range(num_blocks):
                self._add(self._stage(self.channels[-1], width, attends=attends[level]), width)
            if level < len(self.widths) - 1:
                self._add(self._down(width), width)
        self.mid = nn.ModuleList([self.block(width, width), self.attention(width)])
        self.mid.append(self.block(width, width))

    def embed(self, noise: Tensor) -> Tensor:
        """Return the embedding (B, 4 model_channels) of the times noise: (B,)."""
        half = self.model_channels // 2
        ramp = torch.arange(half, dtype=noise.dtype, device=noise.device)
        ramp = ramp / max(half - 1 if self.as_ddpm else half, 1)
        angles = noise.outer(torch.exp(-math.log(_SLOWEST) * ramp))
        waves = [angles.sin(), angles.cos()] if self.as_ddpm else [angles.cos(), angles.sin()]
        emb: Tensor = self.map_layer1(silu(self.map_layer0(torch.cat(waves, dim=1))))
        return emb

    def maps(self, x: Tensor, emb: Tensor) -> Iterator[Tensor]:
        """Yield every feature map of x: (B, C, H, W), and that of the middle last."""
        for stage in self.enc:
            x = stage(x, emb)
            yield x
        first, attention, second = self.mid
        yield second(attention(first(x, emb)), emb)

    def block(self, inner: int, outer: int, *, up: bool = False, down: bool = False) -> ResBlock:
        """Return a new residual block."""
        emb_channels, scale_shift, dropout = self._block
        return ResBlock(
            inner,
            outer,
            emb_channels,
            scale_shift=scale_shift,
            dropout=dropout,
            up=up,
            down=down,
            eps=self._eps,
        )

    def attention(self, channels: int) -> Attention:
        """Return new self-attention."""
        heads, head_channels, new_order = self._heads
        heads = channels // head_channels if head_channels else heads
        return Attention(channels, heads, new_order, eps=self._eps)

    def _stage(self, inner: int, outer: int, *, attends: bool) -> Stage:
        attention = self.attention(outer) if attends else None
        return Stage(block=self.block(inner, outer), attention=attention)

    def _down(self, width: int) -> Stage:
        if self._resample_by_block:
            return Stage(block=self.block(width, width, down=True))
        padding = 0 if self.as_ddpm else 1
        return Stage(conv=Conv2d(width, width, 3, stride=2, padding=padding), corner=self.as_ddpm)

    def _add(self, stage: Stage, channels: int) -> None:
        self.enc.append(stage)
        self.channels.append(channels)


class GuidedUNet(GuidedEncoder):
    """Predict (B, out_channels, H, W) from a noisy picture, its time and its class.

    `attends` tells for every level whether its blocks have self-attention; head counts and the
    order of q, k and v do not show in the shapes of the weights. The `manner` "ddpm" is that of the
    networks from before (Ho et al. 2020): sines before cosines, attention in the decoder only at
    the end of a level, halving with padding on two sides, another epsilon.

    Raises:
        ValueError: a number of channels does not divide into groups or heads.
    """

    def __init__(
        self,
        *,
        img_resolution: int,
        out_channels: int,
        label_dim: int = 0,
        augment_dim: int = 0,
        **encoder: object,
    ) -> None:
        super().__init__(**encoder)  # type: ignore[arg-type]
        self.img_resolution, self.out_channels = img_resolution, out_channels
        self.label_dim = label_dim
        emb_channels = 4 * self.model_channels
        self.map_label = Linear(label_dim, emb_channels, bias=False) if label_dim else None
        self.map_augment = Linear(augment_dim, emb_channels, bias=False) if augment_dim else None
        self.dec = nn.ModuleList()
        channels, maps = self.channels[-1], list(self.channels)
        for level in reversed(range(len(self.widths))):
            for index in range(self.num_blocks + 1):
                last = index == self.num_blocks
                attends = self.attends[level] and (last or not self.as_ddpm)
                stage = self._stage(channels + maps.pop(), self.widths[level], attends=attends)
                channels = self.widths[level]
                if level and last:
                    self._grow(stage, channels)
                self.dec.append(stage)
        self.out_norm = group_norm(channels, self._eps)
        self.out_conv = Conv2d(channels, out_channels, 3, gain=0.0)

    def forward(
        self,
        x: Tensor,
        noise: Tensor,
        labels: Tensor | None = None,
        augment_labels: Tensor | None = None,
    ) -> Tensor:
        """Return the raw prediction (B, out_channels, H, W).

        x: (B, in_channels, H, W); noise: (B,), the time; labels: (B, label_dim) one-hot, zeros or
        None for no class; augment_labels: (B, augment_dim).
        """
        emb = self.embed(noise)
        if self.map_label is not None and labels is not None:
            # Scaled as in EDM, and the weights the other way, so that classes can be exchanged.
            emb = emb + self.map_label(labels.to(emb.dtype) * math.sqrt(self.label_dim))
        if self.map_augment is not None and augment_labels is not None:
            emb = emb + self.map_augment(augment_labels.to(emb.dtype))
        *maps, x = self.maps(x, emb)
        for stage in self.dec:
            x = stage(torch.cat([x, maps.pop()], dim=1), emb)
        raw: Tensor = self.out_conv(silu(self.out_norm(x)))
        return raw

    def _grow(self, stage: Stage, channels: int) -> None:
        if self._resample_by_block:
            stage.up = self.block(channels, channels, up=True)
        else:
            stage.conv = Conv2d(channels, channels, 3, up=True)
