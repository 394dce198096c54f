"""The residual block that the networks of EDM are made of."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, scaled_dot_product_attention, silu
from torch.utils.checkpoint import checkpoint

from studio.models.networks.layers import Conv2d, GroupNorm, Linear
from studio.models.networks.resampling import Resample

EPS = 1e-6
NEARLY_ZERO = 1e-5


@dataclass(frozen=True, slots=True)
class Style:
    """How the blocks of one kind of network differ from those of another.

    Sums are multiplied by `skip_scale`. With `adaptive` the embedding scales and shifts what was
    normalised, else it is added before. `head` is the width of an attention head, 0 for a single
    one. With `projects` a skip connection has weights wherever the resolution changes. With
    `attends_always` every block of the decoder's levels attends, else only the last of each.
    """

    eps: float
    skip_scale: float
    adaptive: bool
    head: int
    projects: bool
    attends_always: bool


SONG = Style(
    eps=EPS,
    skip_scale=math.sqrt(0.5),
    adaptive=False,
    head=0,
    projects=True,
    attends_always=False,
)
"""SongUNet (Song et al. 2021) as in Karras et al. 2022, appendix F."""

ADM = Style(
    eps=1e-5,
    skip_scale=1.0,
    adaptive=True,
    head=64,
    projects=False,
    attends_always=True,
)
"""The network of Dhariwal and Nichol 2021."""


class UNetBlock(nn.Module):
    """Two convolutions conditioned on the embedding, a skip connection and optional self-attention.

    The block of EDM's networks, which differ in its `style`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        emb_channels: int,
        *,
        up: bool = False,
        down: bool = False,
        attention: bool = False,
        dropout: float = 0.0,
        resample_filter: Sequence[float] = (1, 1),
        style: Style = SONG,
    ) -> None:
        super().__init__()
        self.style = style
        self.in_channels, self.out_channels = in_channels, out_channels
        self.dropout = dropout
        self.recompute = False
        """Whether training computes the block anew on the way back, which saves its memory."""
        self.norm0 = GroupNorm(in_channels, style.eps)
        self.conv0 = Conv2d(
            in_channels, out_channels, 3, up=up, down=down, resample_filter=resample_filter
        )
        self.affine = Linear(emb_channels, out_channels * (1 + style.adaptive))
        self.norm1 = GroupNorm(out_channels, style.eps)
        self.conv1 = Conv2d(out_channels, out_channels, 3, gain=NEARLY_ZERO)
        self.skip: nn.Module | None = None
        if out_channels != in_channels or (style.projects and (up or down)):
            self.skip = Conv2d(
                in_channels, out_channels, 1, up=up, down=down, resample_filter=resample_filter
            )
        elif up or down:
            self.skip = Resample(up=up, down=down, resample_filter=resample_filter)
        self.heads = out_channels // (style.head or out_channels) if attention else 0
        if self.heads:
            self.norm2 = GroupNorm(out_channels, style.eps)
            self.qkv = Conv2d(out_channels, 3 * out_channels, 1, gain=math.sqrt(0.2))
            self.proj = Conv2d(out_channels, out_channels, 1, gain=NEARLY_ZERO)

    def forward(self, x: Tensor, emb: Tensor) -> Tensor:
        """Map x: (B, in, H, W) and emb: (B, emb_channels) to (B, out, H', W')."""
        if self.recompute and self.training and torch.is_grad_enabled():
            anew: Tensor = checkpoint(self._mapped, x, emb, use_reentrant=False)
            return anew
        return self._mapped(x, emb)

    def _mapped(self, x: Tensor, emb: Tensor) -> Tensor:
        y = self._conditioned(self.conv0(silu(self.norm0(x))), emb)
        y = self.conv1(dropout(silu(y), self.dropout, self.training))
        y = (y + (x if self.skip is None else self.skip(x))) * self.style.skip_scale
        return self._attend(y) if self.heads else y

    def _conditioned(self, y: Tensor, emb: Tensor) -> Tensor:
        told = self.affine(emb).to(y.dtype)[:, :, None, None]
        if not self.style.adaptive:
            normed: Tensor = self.norm1(y + told)
            return normed
        scale, shift = told.chunk(2, dim=1)
        return torch.addcmul(shift, self.norm1(y), scale + 1)

    def _attend(self, x: Tensor) -> Tensor:
        batch, _, height, width = x.shape
        # The channels of q, k and v are interleaved: (B, heads, C, 3, HW).
        qkv: Tensor = self.qkv(self.norm2(x))
        qkv = qkv.reshape(batch, self.heads, -1, 3, height * width)
        q, k, v = qkv.permute(3, 0, 1, 4, 2).unbind(0)
        mixed = scaled_dot_product_attention(q, k, v)
        projected: Tensor = self.proj(mixed.mT.reshape(x.shape))
        return (x + projected) * self.style.skip_scale
