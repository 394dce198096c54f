"""The block of EDM2's network."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import (
    avg_pool2d,
    conv2d,
    conv_transpose2d,
    dropout,
    scaled_dot_product_attention,
)
from torch.utils.checkpoint import checkpoint

from studio.models.networks.layers import Conv2d, Linear
from studio.models.networks.magnitude import mp_silu, mp_sum, normalized


class EDM2Block(nn.Module):
    """Two convolutions, modulated by the embedding, and optional self-attention.

    Karras et al. 2024, figure 21. `encodes` tells the blocks of the encoder, which normalise every
    pixel, from those of the decoder.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        emb_channels: int,
        *,
        encodes: bool,
        up: bool = False,
        down: bool = False,
        attention: bool = False,
        resample_filter: Sequence[float] = (1, 1),
        channels_per_head: int = 64,
        dropout: float = 0.0,
        res_balance: float = 0.3,
        attn_balance: float = 0.3,
        clip_act: float | None = 256,
    ) -> None:
        super().__init__()
        self.out_channels = out_channels
        self.encodes, self.up, self.down = encodes, up, down
        self.taps = tuple(resample_filter)
        self.heads = out_channels // channels_per_head if attention else 0
        self.dropout = dropout
        self.res_balance, self.attn_balance = res_balance, attn_balance
        self.clip_act = clip_act
        self.recompute = False
        """Whether training computes the block anew on the way back, which saves its memory."""
        self.emb_gain = nn.Parameter(torch.zeros([]))
        self.conv_res0 = _conv(out_channels if encodes else in_channels, out_channels, 3)
        self.emb_linear = Linear(emb_channels, out_channels, bias=False)
        self.conv_res1 = _conv(out_channels, out_channels, 3)
        self.conv_skip = None
        if in_channels != out_channels:
            self.conv_skip = _conv(in_channels, out_channels, 1)
        if self.heads:
            self.attn_qkv = _conv(out_channels, out_channels * 3, 1)
            self.attn_proj = _conv(out_channels, out_channels, 1)

    def forward(self, x: Tensor, emb: Tensor) -> Tensor:
        """Map x: (B, in, H, W) and emb: (B, emb_channels) to (B, out, H', W')."""
        if self.recompute and self.training and torch.is_grad_enabled():
            anew: Tensor = checkpoint(self._mapped, x, emb, use_reentrant=False)
            return anew
        return self._mapped(x, emb)

    def _mapped(self, x: Tensor, emb: Tensor) -> Tensor:
        x = self._resampled(x)
        if self.encodes:
            x = normalized(x if self.conv_skip is None else self.conv_skip(x), [1])
        y = self.conv_res0(mp_silu(x))
        scale = self.emb_linear(emb) * self.emb_gain.to(emb.dtype) + 1
        y = mp_silu(y * scale[:, :, None, None].to(y.dtype))
        y = self.conv_res1(dropout(y, self.dropout, self.training))
        if not self.encodes and self.conv_skip is not None:
            x = self.conv_skip(x)
        x = mp_sum(x, y, self.res_balance)
        if self.heads:
            x = mp_sum(x, self._attended(x), self.attn_balance)
        return x if self.clip_act is None else x.clamp(-self.clip_act, self.clip_act)

    def _attended(self, x: Tensor) -> Tensor:
        batch, _, height, width = x.shape
        # The channels of q, k and v are interleaved: (B, heads, C, 3, HW).
        qkv = self.attn_qkv(x).reshape(batch, self.heads, -1, 3, height * width)
        q, k, v = normalized(qkv, [2]).permute(3, 0, 1, 4, 2).unbind(0)
        mixed = scaled_dot_product_attention(q, k, v)
        projected: Tensor = self.attn_proj(mixed.mT.reshape(x.shape))
        return projected

    def _resampled(self, x: Tensor) -> Tensor:
        if not (self.up or self.down):
            return x
        if self.taps == (1, 1):
            return avg_pool2d(x, 2) if self.down else _doubled(x)
        line = torch.tensor(self.taps, dtype=x.dtype, device=x.device)
        taps = line.outer(line) / line.sum().square() * (4 if self.up else 1)
        padding, channels = (len(self.taps) - 1) // 2, x.shape[1]
        resample = conv_transpose2d if self.up else conv2d
        return resample(
            x, taps.expand(channels, 1, -1, -1), stride=2, padding=padding, groups=channels
        )


def _conv(in_channels: int, out_channels: int, kernel: int) -> Conv2d:
    return Conv2d(in_channels, out_channels, kernel, bias=False)


def _doubled(x: Tensor) -> Tensor:
    return x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
