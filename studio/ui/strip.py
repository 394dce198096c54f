"""Divide a width among the steps of a run: plain arithmetic, no Qt."""

from __future__ import annotations

from dataclasses import dataclass

NARROWEST = 38.0
"""The least distance between two thumbnails, in pixels; more steps than fit share thumbnails."""
SIDE = 48.0
"""The side of the largest thumbnail, in pixels."""
_BETWEEN = 6.0


@dataclass(frozen=True, slots=True)
class Strip:
    """Give `total` steps equal shares of `width` pixels, and thumbnails to as many as fit."""

    total: int
    width: float

    @property
    def cells(self) -> int:
        """Return the number of thumbnails."""
        return max(1, min(self.total, int(self.width // NARROWEST)))

    @property
    def pitch(self) -> float:
        """Return the distance between the middles of two thumbnails."""
        return self.width / self.cells

    @property
    def side(self) -> float:
        """Return the side of a thumbnail; few steps leave air instead of growing it."""
        return max(4.0, min(SIDE, self.pitch - _BETWEEN))

    def middle(self, cell: int) -> float:
        """Return the middle of a thumbnail."""
        return (cell + 0.5) * self.pitch

    def cell_of(self, step: int) -> int:
        """Return the thumbnail that stands for `step`."""
        return step * self.cells // max(1, self.total)

    def steps_of(self, cell: int) -> range:
        """Return the steps that the thumbnail `cell` stands for; never empty."""
        first, after = (-(-edge * self.total // self.cells) for edge in (cell, cell + 1))
        return range(first, after)

    def x_of(self, step: int) -> float:
        """Return the middle of the share of `step`."""
        return (step + 0.5) / max(1, self.total) * self.width

    def step_at(self, x: float) -> int:
        """Return the step whose share holds `x`; outside, the first or the last."""
        step = int(x / max(1.0, self.width) * self.total)
        return max(0, min(self.total - 1, step))
