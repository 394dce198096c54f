"""What the network of guided diffusion is made of."""

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, dropout, scaled_dot_product_attention, silu
from torch.utils.checkpoint import checkpoint

from studio.models.networks.layers import Conv2d, GroupNorm, Linear

_GROUPS = 32


def group_norm(channels: int, eps: float) -> GroupNorm:
    """Return a normalisation in 32 groups, however few channels there are.

    Raises:
        ValueError: the channels do not divide into them.
    """
    if channels % _GROUPS:
        raise ValueError(f"{channels} channels do not divide into {_GROUPS} groups")
    norm = GroupNorm(channels, eps)
    norm.groups = _GROUPS
    return norm


class ResBlock(nn.Module):
    """Two convolutions with the time between them, and a way around them.

    With `scale_shift` the time scales and shifts what is normalised (Dhariwal & Nichol 2021), else
    it is added before. `up` and `down` resample by repeating and averaging pixels.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        emb_channels: int,
        *,
        scale_shift: bool,
        dropout: float = 0.0,
        up: bool = False,
        down: bool = False,
        eps: float = 1e-5,
    ) -> None:
        super().__init__()
        self.scale_shift, self.dropout, self.up, self.down = scale_shift, dropout, up, down
        self.recompute = False
        """Whether training computes the block anew on the way back, which saves its memory."""
        self.norm0 = group_norm(in_channels, eps)
        self.conv0 = Conv2d(in_channels, out_channels, 3)
        self.affine = Linear(emb_channels, out_channels * (2 if scale_shift else 1))
        self.norm1 = group_norm(out_channels, eps)
        self.conv1 = Conv2d(out_channels, out_channels, 3, gain=0.0)
        self.skip = Conv2d(in_channels, out_channels, 1) if in_channels != out_channels else None

    def forward(self, x: Tensor, emb: Tensor) -> Tensor:
        """Map x: (B, in, H, W) and emb: (B, emb_channels) to (B, out, H', W')."""
        if self.recompute and self.training and torch.is_grad_enabled():
            anew: Tensor = checkpoint(self._mapped, x, emb, use_reentrant=False)
            return anew
        return self._mapped(x, emb)

    def _mapped(self, x: Tensor, emb: Tensor) -> Tensor:
        y = self.conv0(self._resampled(silu(self.norm0(x))))
        told = self.affine(silu(emb)).to(y.dtype)[:, :, None, None]
        if self.scale_shift:
            scale, shift = told.chunk(2, dim=1)
            y = silu(torch.addcmul(shift, self.norm1(y), 1 + scale))
        else:
            y = silu(self.norm1(y + told))
        y = self.conv1(dropout(y, self.dropout, self.training))
        x = self._resampled(x)
        mapped: Tensor = y + (x if self.skip is None else self.skip(x))
        return mapped

    def _resampled(self, x: Tensor) -> Tensor:
        if self.up:
            return x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
        return avg_pool2d(x, 2) if self.down else x


class Attention(nn.Module):
    """Let every place look at every other, in several heads.

    `new_order` has all of q before all of k and v; else each head has its own three together.

    Raises:
        ValueError: the channels do not divide into the heads.
    """

    def __init__(self, channels: int, heads: int, new_order: bool, eps: float = 1e-5) -> None:
        super().__init__()
        if not heads or channels % heads:
            raise ValueError(f"{channels} channels do not divide into {heads} heads")
        self.heads, self.new_order = heads, new_order
        self.norm = group_norm(channels, eps)
        self.qkv = Conv2d(channels, 3 * channels, 1)
        self.proj = Conv2d(channels, channels, 1, gain=0.0)

    def forward(self, x: Tensor) -> Tensor:
        """Map x: (B, C, H, W) to the same shape."""
        mixed = attended(self.qkv(self.norm(x)).flatten(2), self.heads, self.new_order)
        projected: Tensor = self.proj(mixed.reshape(x.shape))
        return x + projected


def attended(qkv: Tensor, heads: int, new_order: bool) -> Tensor:
    """Return softmax(q k / sqrt(d)) v of qkv: (B, 3C, L) in `heads` heads, as (B, C, L)."""
    batch, triple, length = qkv.shape
    if new_order:
        split = qkv.reshape(batch, 3, heads, triple // (3 * heads), length)
    else:
        split = qkv.reshape(batch, heads, 3, triple // (3 * heads), length).transpose(1, 2)
    q, k, v = split.mT.unbind(1)
    return scaled_dot_product_attention(q, k, v).mT.reshape(batch, triple // 3, length)
