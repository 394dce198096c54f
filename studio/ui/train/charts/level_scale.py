"""How the losses of the map become colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.training.run_folder.thinning import LevelGrid
from studio.ui.ticks import figure

LOSS, CHANGE, HELD_OUT = "loss", "change", "held_out"
"""Colour by the loss itself, by what became of it since the beginning, or by that on held-out
pictures, level by level."""
_OUTLIERS = 2.0  # percent at either end that may have the colour of the end
_LEAST = 0.15  # decades that the colours span at least, so that they do not magnify noise


@dataclass(frozen=True, slots=True, eq=False)
class LevelScale:
    """Hold shares of the colours, (P, 16), NaN where nothing fell, and the values at both ends."""

    shares: np.ndarray
    low: float
    high: float
    id: str

    @property
    def ends(self) -> tuple[str, str]:
        """Return the values at both ends in words."""
        sign = "× " if self.id == CHANGE else ""
        return f"{sign}{figure(self.low)}", f"{sign}{figure(self.high)}"


def level_scale(grid: LevelGrid, id: str) -> LevelScale:
    """Return the colours of a grid on a logarithmic scale, of the losses or of their change."""
    values = grid.loss / grid.start if id == CHANGE else grid.loss
    logs = np.log10(values, out=np.full(values.shape, np.nan), where=values > 0)
    known = logs[~np.isnan(logs)]
    if not len(known):
        return LevelScale(logs, 0.1, 1.0, id)
    low, high = (float(end) for end in np.percentile(known, (_OUTLIERS, 100 - _OUTLIERS)))
    low = min(low, high - _LEAST)
    return LevelScale((logs - low) / (high - low), 10**low, 10**high, id)
