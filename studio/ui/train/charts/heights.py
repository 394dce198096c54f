"""The vertical axis of the plot over a run: how far it reaches and where its marks stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log2, log10

import numpy as np

from studio.ui.ticks import Tick, log_ticks, power_text, range_ticks

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


def span(curves: Sequence[np.ndarray], *, log: bool) -> Heights:
    """Return an axis for curves of heights, (N,) each, that passes over outliers.

    The heights are logarithms (base 10) with `log`; else the axis begins at 0. The last point of
    each curve always lies within.
    """
    known = [values[~np.isnan(values)] for values in curves]
    known = [values for values in known if len(values)]
    if not known:
        return Heights(0.0, 1.0, log)
    ends = [np.percentile(values, (_OUTLIERS, 100 - _OUTLIERS)) for values in known]
    low = min(
        min(float(end[0]), float(values[-1])) for end, values in zip(ends, known, strict=True)
    )
    high = max(
        max(float(end[1]), float(values[-1])) for end, values in zip(ends, known, strict=True)
    )
    if not log:
        return Heights(min(low, 0.0), high if high > min(low, 0.0) else 1.0, log)
    middle, half = (low + high) / 2, max((high - low) / 2, _OCTAVE / 4)
    return Heights(middle - half, middle + half, log)


def marks(heights: Heights, most: int) -> list[Tick]:
    """Return up to about `most` marks: halvings where there are some, else round numbers."""
    low, high, most = heights.floor, heights.ceiling, max(2, most)
    if not heights.log:
        return range_ticks(low, high, most)
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
