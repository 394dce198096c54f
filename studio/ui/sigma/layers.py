"""What the plot of the schedule shows behind its curve: other schedules, and the falls of ln σ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log
from typing import Any

import numpy as np
import pyqtgraph as pg

from studio.ui.ink import ink
from studio.ui.theme import current, sans_font

Placed = tuple[list[float], list[float]]
"""Steps and heights of levels."""


class Overlays:
    """Curves of other schedules, each with its name beside it."""

    def __init__(self, plot: Any) -> None:
        self._plot = plot
        self.curve = pg.PlotCurveItem(antialias=True, connect="finite")
        self._names: list[Any] = []
        plot.addItem(self.curve, ignoreBounds=True)

    def draw(self, curves: Mapping[str, Placed]) -> None:
        """Draw these curves and no others."""
        joined: list[tuple[float, float]] = []
        for steps, heights in curves.values():
            joined += [*zip(steps, heights, strict=True), (np.nan, np.nan)]
        points = np.array(joined).reshape(-1, 2)
        self.curve.setData(points[:, 0], points[:, 1])
        self._name(curves)

    def _name(self, curves: Mapping[str, Placed]) -> None:
        for item in self._names:
            self._plot.removeItem(item)
        self._names = []
        for place, (name, (steps, heights)) in enumerate(curves.items()):
            if steps:
                at = int(len(steps) * (0.3 + 0.6 * place / len(curves)))
                item = pg.TextItem(name, color=current().noise, anchor=(0, 1))
                item.setFont(sans_font(10))
                item.setPos(steps[at], heights[at])
                self._plot.addItem(item, ignoreBounds=True)
                self._names.append(item)

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        self.curve.setPen(pg.mkPen(ink(current().noise, 0.7), width=1.2))
        for item in self._names:
            item.setColor(current().noise)


class Taken:
    """The levels of the take that is looked at, where they are not those of the plan."""

    def __init__(self, plot: Any) -> None:
        self.line = pg.PlotCurveItem(antialias=True)
        self.point = pg.ScatterPlotItem(size=10, antialias=True)
        self.line.setZValue(0.5)
        self.point.setZValue(6.5)
        for item in (self.line, self.point):
            plot.addItem(item, ignoreBounds=True)

    def draw(self, placed: Placed, step: int | None) -> None:
        """Draw these levels, and the cursor on that of a step."""
        self.line.setData(*placed)
        inside = step is not None and 0 <= step < len(placed[0])
        self.point.setVisible(inside)
        if inside and step is not None:
            self.point.setData([placed[0][step]], [placed[1][step]])

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        tokens = current()
        self.line.setPen(pg.mkPen(ink(tokens.text, 0.35), width=1.2))
        self.point.setPen(pg.mkPen(tokens.text, width=1.5))
        self.point.setBrush(tokens.panel)


class Falls:
    """Bars that tell how far ln σ falls in each step."""

    def __init__(self, plot: Any) -> None:
        self.bars = pg.BarGraphItem(x=[], height=[], width=0.7)
        self.bars.setZValue(-0.5)
        self.bars.hide()
        plot.addItem(self.bars, ignoreBounds=True)

    def draw(self, sigmas: Sequence[float], bottom: float, top: float) -> None:
        """Draw the bars from the bottom, the largest fall to half the height."""
        falls = [log(a / b) for a, b in pairwise(sigmas) if a > b > 0]
        if not falls or not self.bars.isVisible():
            self.bars.setOpts(x=[], height=[])
            return
        scale = (top - bottom) / 2 / max(falls)
        x = [step + 0.5 for step in range(len(falls))]
        self.bars.setOpts(x=x, y0=bottom, height=[fall * scale for fall in falls])

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        self.bars.setOpts(brush=ink(current().muted, 0.25), pen=None)
