"""The vertical axis of the plot over a run: how far it reaches and where its marks stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log2, log10

import numpy as np

from studio.ui.ticks import Tick, linear_ticks, log_ticks, power_text, range_ticks

_OUTLIERS = 0.5  # percent at either end that may lie beyond the axis
_OCTAVE = log10(2)


@dataclass(frozen=True, slots=True)
class Heights:
    """Hold the lowest and highest place where curves are drawn; `floor` and `ceiling` have air."""

    low: float
    high: float
    log: bool

    @property
    def floor(self) -> float:
        """Return where the plot ends below."""
        return self.low - 0.07 * (self.high - self.low)

    @property
    def ceiling(self) -> float:
        """Return where the plot ends above."""
        return self.high + 0.07 * (self.high - self.low)


def span(raw: np.ndarray, others: Sequence[np.ndarray], *, log: bool) -> Heights:
    """Return an axis for heights, (N,) each, on which outliers of the raw ones have no place.

    The heights are logarithms (base 10) with `log`; else the axis begins at 0.
    """
    known = raw[~np.isnan(raw)]
    if not len(known):
        return Heights(0.0, 1.0, log)
    most = np.percentile(known, (_OUTLIERS, 100 - _OUTLIERS))
    within = np.concatenate([most, *(values[~np.isnan(values)] for values in others)])
    low, high = float(within.min()), float(within.max())
    if not log:
        low = min(low, 0.0)
        return Heights(low, high if high > low else low + 1.0, log)
    middle, half = (low + high) / 2, max((high - low) / 2, _OCTAVE / 4)
    return Heights(middle - half, middle + half, log)


def marks(heights: Heights, most: int) -> list[Tick]:
    """Return up to about `most` marks: halvings where there are some, else round numbers."""
    low, high, most = heights.floor, heights.ceiling, max(2, most)
    if not heights.log:
        return linear_ticks(heights.high, most)
    octaves = range(ceil(low / _OCTAVE), floor(high / _OCTAVE) + 1)
    if 2 <= len(octaves) <= most:
        return [(octave * _OCTAVE, _halving(octave)) for octave in octaves]
    if len(octaves) > most:
        return log_ticks(low, high, most)
    linear = range_ticks(10**low, 10**high, most)
    return [(log10(float(text)), text) for value, text in linear if value > 0]


def _halving(octave: int) -> str:
    """Return a power of two in few digits: 1, 0.5, 0.25, 0.12."""
    value = 2.0**octave
    return power_text(value) if value >= 1 or octave >= -2 else f"{value:.{_digits(value)}f}"


def _digits(value: float) -> int:
    return max(2, ceil(-log2(value) / log2(10)) + 1)
