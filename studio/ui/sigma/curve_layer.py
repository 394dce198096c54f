"""Curves over σ as they are drawn over the schedule: one with its points, others as faint lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg

from studio.diffusion.curve import Curve
from studio.ui.ink import ink
from studio.ui.sigma.places import Places, ValueScale
from studio.ui.theme import current

Spots = Sequence[tuple[float, float]]


class CurveLayer:
    """Draw one curve to be edited, filled down to 0, with a ring around the point selected."""

    def __init__(self, plot: Any) -> None:
        self.line = pg.PlotCurveItem(antialias=True)
        self.dots = pg.ScatterPlotItem(size=9, antialias=True)
        self.ring = pg.ScatterPlotItem(size=15, antialias=True)
        for depth, item in enumerate((self.line, self.dots, self.ring)):
            item.setZValue(6 + depth / 10)
            item.hide()
            plot.addItem(item, ignoreBounds=True)

    def draw(self, curve: Curve, places: Places, scale: ValueScale, selected: int | None) -> None:
        """Draw a curve with its points."""
        xs, values = places.trace(curve)
        self.line.setFillLevel(scale.floor)
        self.line.setData(xs, [scale.height(value) for value in values])
        spots = spots_of(curve, places, scale)
        self.dots.setData([x for x, _ in spots], [y for _, y in spots])
        for item in (self.line, self.dots):
            item.show()
        self.ring.setVisible(selected is not None)
        if selected is not None:
            self.ring.setData([spots[selected][0]], [spots[selected][1]])

    def hide(self) -> None:
        """Draw nothing."""
        for item in (self.line, self.dots, self.ring):
            item.hide()

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        tokens = current()
        self.line.setPen(pg.mkPen(tokens.noise, width=2))
        self.line.setBrush(ink(tokens.noise, 0.1))
        self.dots.setPen(pg.mkPen(tokens.panel, width=1))
        self.dots.setBrush(tokens.noise)
        self.ring.setPen(pg.mkPen(tokens.text, width=1.5))
        self.ring.setBrush(None)


class FaintCurves:
    """Draw the curves that are not edited, each on a scale of its own."""

    def __init__(self, plot: Any) -> None:
        self.line = pg.PlotCurveItem(antialias=True, connect="finite")
        self.line.setZValue(-0.2)
        plot.addItem(self.line, ignoreBounds=True)

    def draw(self, curves: Sequence[tuple[Curve, ValueScale]], places: Places) -> None:
        """Draw these curves and no others."""
        xs: list[float] = []
        ys: list[float] = []
        for curve, scale in curves:
            x, values = places.trace(curve)
            xs += [*x, float("nan")]
            ys += [*(scale.height(value) for value in values), float("nan")]
        self.line.setData(xs, ys)

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        self.line.setPen(pg.mkPen(ink(current().noise, 0.4), width=1.2))


def spots_of(curve: Curve, places: Places, scale: ValueScale) -> list[tuple[float, float]]:
    """Return where the points of a curve stand, in steps and heights."""
    return [(places.place(sigma), scale.height(value)) for sigma, value in curve.points]
