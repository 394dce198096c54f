"""The plan that both halves of a U-Net are built from."""

from collections.abc import Sequence
from dataclasses import dataclass

from studio.models.networks.block import SONG, Style, UNetBlock


@dataclass(frozen=True, slots=True)
class Layout:
    """Know the levels of a U-Net: level 0 has the full resolution, each further one half of it."""

    resolution: int
    widths: Sequence[int]
    num_blocks: int
    attn_resolutions: Sequence[int]
    emb_channels: int
    dropout: float
    resample_filter: Sequence[float]
    style: Style = SONG

    @property
    def deepest(self) -> int:
        """Return the level of the lowest resolution."""
        return len(self.widths) - 1

    def size(self, level: int) -> str:
        """Return the resolution as it stands in the names of the parameters, such as "16x16"."""
        side = self.resolution >> level
        return f"{side}x{side}"

    def attends(self, level: int) -> bool:
        """Tell whether the blocks of this level have self-attention."""
        return self.resolution >> level in self.attn_resolutions

    def block(
        self,
        in_channels: int,
        out_channels: int,
        *,
        up: bool = False,
        down: bool = False,
        attention: bool = False,
    ) -> UNetBlock:
        """Return a new block."""
        return UNetBlock(
            in_channels,
            out_channels,
            self.emb_channels,
            up=up,
            down=down,
            attention=attention,
            dropout=self.dropout,
            resample_filter=self.resample_filter,
            style=self.style,
        )
