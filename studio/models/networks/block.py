"""The residual block that the networks of EDM are made of."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, scaled_dot_product_attention, silu
from torch.utils.checkpoint import checkpoint

from studio.models.networks.layers import Conv2d, GroupNorm, Linear

SKIP_SCALE = math.sqrt(0.5)
EPS = 1e-6
NEARLY_ZERO = 1e-5


class UNetBlock(nn.Module):
    """Two convolutions conditioned on the embedding, a skip connection and optional self-attention.

    The block of SongUNet (Song et al. 2021) with one attention head and every sum scaled by
    sqrt(1/2), as in Karras et al. 2022, appendix F.
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
    ) -> None:
        super().__init__()
        self.in_channels, self.out_channels = in_channels, out_channels
        self.dropout = dropout
        self.recompute = False
        """Whether training computes the block anew on the way back, which saves its memory."""
        self.norm0 = GroupNorm(in_channels, EPS)
        self.conv0 = Conv2d(
            in_channels, out_channels, 3, up=up, down=down, resample_filter=resample_filter
        )
        self.affine = Linear(emb_channels, out_channels)
        self.norm1 = GroupNorm(out_channels, EPS)
        self.conv1 = Conv2d(out_channels, out_channels, 3, gain=NEARLY_ZERO)
        self.skip = None
        if out_channels != in_channels or up or down:
            self.skip = Conv2d(
                in_channels, out_channels, 1, up=up, down=down, resample_filter=resample_filter
            )
        self.attention = attention
        if attention:
            self.norm2 = GroupNorm(out_channels, EPS)
            self.qkv = Conv2d(out_channels, 3 * out_channels, 1, gain=math.sqrt(0.2))
            self.proj = Conv2d(out_channels, out_channels, 1, gain=NEARLY_ZERO)

    def forward(self, x: Tensor, emb: Tensor) -> Tensor:
        """Map x: (B, in, H, W) and emb: (B, emb_channels) to (B, out, H', W')."""
        if self.recompute and self.training and torch.is_grad_enabled():
            anew: Tensor = checkpoint(self._mapped, x, emb, use_reentrant=False)
            return anew
        return self._mapped(x, emb)

    def _mapped(self, x: Tensor, emb: Tensor) -> Tensor:
        y = self.conv0(silu(self.norm0(x)))
        y = y + self.affine(emb).to(y.dtype)[:, :, None, None]
        y = dropout(silu(self.norm1(y)), self.dropout, self.training)
        y = self.conv1(y)
        y = (y + (x if self.skip is None else self.skip(x))) * SKIP_SCALE
        return self._attend(y) if self.attention else y

    def _attend(self, x: Tensor) -> Tensor:
        batch, channels, height, width = x.shape
        # The channels of q, k and v are interleaved: (B, C, 3, HW), and there is one head.
        qkv: Tensor = self.qkv(self.norm2(x)).reshape(batch, channels, 3, height * width)
        q, k, v = qkv.permute(2, 0, 3, 1).unbind(0)
        mixed = scaled_dot_product_attention(q[:, None], k[:, None], v[:, None])[:, 0]
        projected: Tensor = self.proj(mixed.mT.reshape(x.shape))
        return (x + projected) * SKIP_SCALE
