"""Lines over the steps, one for each picture: the followed one bright, the others faint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from studio.ui.ink import ink
from studio.ui.theme import current

MOST = 64
"""Pictures that have a line of their own; the mean stands for the rest."""
_MANY = 8
"""Pictures from which on their mean is drawn."""

Lines = NDArray[np.floating]


class StepLines:
    """Draw (steps, B) values, the band where they are expected, and their mean."""

    def __init__(self, plot: Any) -> None:
        self.values: Lines = np.zeros((0, 0))
        self.followed = 0
        self.expected: tuple[float, float, float] | None = None
        self.band = pg.LinearRegionItem(orientation="horizontal", movable=False)
        self.middle = pg.InfiniteLine(angle=0)
        self.others = pg.PlotCurveItem(connect="finite")
        self.mean = pg.PlotCurveItem(antialias=True, connect="finite")
        self.bright = pg.PlotDataItem(antialias=True, symbolSize=4, connect="finite")
        items = (self.band, self.middle, self.others, self.mean, self.bright)
        for depth, item in enumerate(items):
            item.setZValue(depth)
            plot.addItem(item, ignoreBounds=True)

    def set_values(
        self, values: Lines, followed: int, expected: tuple[float, float, float] | None
    ) -> None:
        """Take other values (steps, B), NaN for none, and what they are expected to be."""
        self.values, self.followed, self.expected = values, followed, expected

    def own(self, step: int | None) -> float | None:
        """Return the value of the followed picture, None where it has none."""
        return _at(self.values[:, self.followed], step) if self.values.size else None

    def mean_at(self, step: int | None) -> float | None:
        """Return the mean of all pictures, None where there is none or but one picture."""
        return _at(_mean(self.values), step) if self.values.shape[1:] > (1,) else None

    def shown(self) -> Lines:
        """Return all finite values that are drawn."""
        values = self.values[:, self._drawn()] if self.values.size else self.values
        return values[np.isfinite(values)]

    def draw(self, *, log: bool, floor: float, crowded: bool) -> None:
        """Draw at the heights of the axis; `floor` is its lower end where it is logarithmic."""

        def height(values: Lines) -> Lines:
            if not log:
                return values
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.maximum(np.log10(values), floor)

        count = len(self.values)
        steps = np.arange(count, dtype=float)
        drawn = [index for index in self._drawn() if index != self.followed]
        faint = np.full((len(drawn), count + 1), np.nan)
        if count:
            faint[:, :count] = height(self.values[:, drawn]).T
        self.others.setData(np.tile(np.append(steps, np.nan), len(drawn)), faint.ravel())
        many = self.values.shape[1] >= _MANY if count else False
        self.mean.setData(steps, height(_mean(self.values))) if many else self.mean.setData([], [])
        own = height(self.values[:, self.followed]) if count else steps
        known = np.isfinite(own).any()
        self.bright.setData(*((steps, own) if known else ([], [])))
        self.bright.setSymbol(None if crowded else "o")
        self._draw_expected(height)

    def _draw_expected(self, height: Any) -> None:
        known = self.expected is not None and bool(len(self.values))
        self.band.setVisible(known)
        self.middle.setVisible(known)
        if self.expected is not None:
            low, middle, high = (float(height(np.array(value))) for value in self.expected)
            self.band.setRegion((low, high))
            self.middle.setValue(middle)

    def clear(self) -> None:
        """Draw nothing."""
        self.values, self.expected = np.zeros((0, 0)), None
        self.draw(log=False, floor=0.0, crowded=True)

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        tokens = current()
        self.band.setBrush(ink(tokens.noise, 0.22))
        for edge in self.band.lines:
            edge.setPen(None)
        self.middle.setPen(pg.mkPen(ink(tokens.noise, 0.9), width=1, style=Qt.PenStyle.DashLine))
        self.others.setPen(pg.mkPen(ink(tokens.text, 0.16), width=1))
        self.mean.setPen(pg.mkPen(tokens.label, width=1, style=Qt.PenStyle.DotLine))
        self.bright.setPen(pg.mkPen(tokens.accent, width=1.5))
        self.bright.setSymbolBrush(tokens.accent)
        self.bright.setSymbolPen(None)

    def _drawn(self) -> list[int]:
        """Return which pictures have a line: the first ones, and the followed one."""
        first = range(min(self.values.shape[1], MOST))
        return sorted({*first, self.followed})


def _mean(values: Lines) -> Lines:
    """Return the mean of each step over the pictures that have a value, NaN where none has."""
    known = np.isfinite(values)
    counts = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)


def _at(values: Lines, step: int | None) -> float | None:
    inside = step is not None and 0 <= step < len(values) and np.isfinite(values[step])
    return float(values[step]) if inside else None
