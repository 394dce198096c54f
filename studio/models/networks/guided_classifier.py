"""The classifier of guided diffusion: the encoder of its U-Net under one of four poolings."""

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from studio.models.networks.guided_block import attended, group_norm
from studio.models.networks.guided_unet import GuidedEncoder
from studio.models.networks.layers import Conv2d, Linear

_HIDDEN = 2048


class AttentionPool(nn.Module):
    """Pool a feature map by letting its mean look at every place (Radford et al. 2021, CLIP)."""

    def __init__(self, places: int, channels: int, head_channels: int, classes: int) -> None:
        super().__init__()
        self.heads = channels // head_channels
        self.positions = nn.Parameter(torch.randn(channels, places + 1) / channels**0.5)
        self.qkv = Conv2d(channels, 3 * channels, 1)
        self.proj = Conv2d(channels, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map x: (B, C, H, W) to (B, classes)."""
        flat = x.flatten(2)
        seen = torch.cat([flat.mean(dim=2, keepdim=True), flat], dim=2)
        qkv = self.qkv((seen + self.positions.to(seen.dtype))[..., None])[..., 0]
        pooled: Tensor = self.proj(attended(qkv, self.heads, new_order=True)[..., :1, None])
        return pooled.flatten(1)


class GuidedClassifier(GuidedEncoder):
    """Tell the class of a noisy picture and its time.

    `pool` is "attention", "adaptive" (the mean of the last map), or "spatial" and "spatial_v2" (the
    means of all maps).

    Raises:
        ValueError: a number of channels does not divide into groups or heads.
    """

    def __init__(
        self,
        *,
        img_resolution: int,
        classes: int,
        pool: str,
        num_head_channels: int = 64,
        **encoder: object,
    ) -> None:
        super().__init__(num_head_channels=num_head_channels, **encoder)  # type: ignore[arg-type]
        width = self.channels[-1]
        self.spatial = pool.startswith("spatial")
        if self.spatial:
            self.first = Linear(sum(self.channels) + width, _HIDDEN)
            self.norm = nn.GroupNorm(32, _HIDDEN) if pool == "spatial_v2" else None
            self.second = Linear(_HIDDEN, classes)
            return
        self.out_norm = group_norm(width, 1e-5)
        if pool == "attention":
            places = (img_resolution >> (len(self.widths) - 1)) ** 2
            self.pool: nn.Module = AttentionPool(places, width, num_head_channels, classes)
        else:
            self.pool = Conv2d(width, classes, 1)

    def forward(self, x: Tensor, noise: Tensor) -> Tensor:
        """Return the logits (B, classes) of x: (B, in_channels, H, W) at the times noise: (B,)."""
        emb = self.embed(noise)
        maps = list(self.maps(x, emb))
        if self.spatial:
            return self._told(torch.cat([each.mean(dim=(2, 3)) for each in maps], dim=1))
        last = silu(self.out_norm(maps[-1]))
        if isinstance(self.pool, Conv2d):
            last = last.mean(dim=(2, 3), keepdim=True)
        logits: Tensor = self.pool(last)
        return logits.flatten(1)

    def _told(self, means: Tensor) -> Tensor:
        hidden = self.first(means)
        hidden = hidden.relu() if self.norm is None else silu(self.norm(hidden))
        logits: Tensor = self.second(hidden)
        return logits
