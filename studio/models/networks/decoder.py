"""The half of a U-Net of EDM that comes up in resolution."""

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from studio.models.networks.block import EPS, NEARLY_ZERO
from studio.models.networks.layers import Conv2d, GroupNorm
from studio.models.networks.layout import Layout
from studio.models.networks.resampling import Resample


class Decoder(nn.ModuleDict):
    """Turn the feature maps of the encoder into a picture.

    The layers run in the order in which they are added. `kind` is "standard", or "skip", which
    paints at every level and adds up the pictures (Song et al. 2021, appendix C), or "bare", which
    leaves the painting to others.
    """

    def __init__(self, layout: Layout, maps: list[int], out_channels: int, kind: str) -> None:
        super().__init__()
        maps = list(maps)
        channels = maps[-1]
        for level in range(layout.deepest, -1, -1):
            size, width = layout.size(level), layout.widths[level]
            if level == layout.deepest:
                self[f"{size}_in0"] = layout.block(channels, channels, attention=True)
                self[f"{size}_in1"] = layout.block(channels, channels)
            else:
                self[f"{size}_up"] = layout.block(channels, channels, up=True)
            for index in range(layout.num_blocks + 1):
                at_work = layout.style.attends_always or index == layout.num_blocks
                attention = at_work and layout.attends(level)
                block = layout.block(channels + maps.pop(), width, attention=attention)
                self[f"{size}_block{index}"] = block
                channels = width
            if kind == "skip" or (kind == "standard" and level == 0):
                grows = kind == "skip" and level < layout.deepest
                self._add_output(layout, level, channels, out_channels, grows=grows)

    def _add_output(
        self, layout: Layout, level: int, channels: int, out: int, *, grows: bool
    ) -> None:
        size, taps = layout.size(level), layout.resample_filter
        if grows:
            self[f"{size}_aux_up"] = Resample(up=True, resample_filter=taps)
        self[f"{size}_aux_norm"] = GroupNorm(channels, EPS)
        self[f"{size}_aux_conv"] = Conv2d(channels, out, 3, gain=NEARLY_ZERO)

    def forward(self, maps: list[Tensor], emb: Tensor) -> Tensor:
        """Return the picture (B, out_channels, H, W), bare its last feature map.

        `maps` is used up.
        """
        x = normed = maps[-1]
        out: Tensor | None = None
        for name, layer in self.items():
            match name.partition("_")[2]:
                case "in0" | "in1" | "up":
                    x = layer(x, emb)
                case "aux_up":
                    out = layer(out)
                case "aux_norm":
                    normed = layer(x)
                case "aux_conv":
                    painted = layer(silu(normed))
                    out = painted if out is None else out + painted
                case _:
                    x = layer(torch.cat([x, maps.pop()], dim=1), emb)
        return x if out is None else out
