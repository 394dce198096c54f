"""The half of a SongUNet that goes down in resolution."""

import math

from torch import Tensor, nn

from studio.models.networks.layers import Conv2d
from studio.models.networks.layout import Layout
from studio.models.networks.resampling import Resample


class Encoder(nn.ModuleDict):
    """Turn a picture into the feature maps that the decoder takes up again.

    The layers run in the order in which they are added. `kind` is "standard", or "skip" or
    "residual", which feed a reduced picture in at every level (Song et al. 2021, appendix C).
    `channels` lists the widths of the feature maps.
    """

    def __init__(self, layout: Layout, in_channels: int, model_channels: int, kind: str) -> None:
        super().__init__()
        self.channels = [model_channels]
        self[f"{layout.size(0)}_conv"] = Conv2d(in_channels, model_channels, 3)
        side = in_channels
        for level, width in enumerate(layout.widths):
            if level > 0:
                channels = self.channels[-1]
                self[f"{layout.size(level)}_down"] = layout.block(channels, channels, down=True)
                self.channels.append(channels)
                side = self._add_side_input(layout, level, kind, side)
            for index in range(layout.num_blocks):
                block = layout.block(self.channels[-1], width, attention=layout.attends(level))
                self[f"{layout.size(level)}_block{index}"] = block
                self.channels.append(width)

    def _add_side_input(self, layout: Layout, level: int, kind: str, side: int) -> int:
        size, channels, taps = layout.size(level), self.channels[-1], layout.resample_filter
        if kind == "skip":
            self[f"{size}_aux_down"] = Resample(down=True, resample_filter=taps)
            self[f"{size}_aux_skip"] = Conv2d(side, channels, 1)
        if kind == "residual":
            reduce = Conv2d(side, channels, 3, down=True, after=True, resample_filter=taps)
            self[f"{size}_aux_residual"] = reduce
            return channels
        return side

    def forward(self, x: Tensor, emb: Tensor) -> list[Tensor]:
        """Return the feature maps of x: (B, C, H, W), from the first layer to the deepest."""
        maps: list[Tensor] = []
        side = x
        for name, layer in self.items():
            match name.partition("_")[2]:
                case "conv":
                    maps.append(layer(x))
                case "aux_down":
                    side = layer(side)
                case "aux_skip":
                    maps[-1] = maps[-1] + layer(side)
                case "aux_residual":
                    side = maps[-1] = (maps[-1] + layer(side)) / math.sqrt(2)
                case _:
                    maps.append(layer(maps[-1], emb))
        return maps
