"""The frame of the plot of the schedule: its axes, and where levels and steps lie in it."""

from __future__ import annotations

from abc import abstractmethod
from math import inf
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from studio.ui.plot_panel import PlotPanel
from studio.ui.sigma.axis import LOG, SigmaAxis, bounds
from studio.ui.ticks import Tick, step_ticks

_CROWD = 5.0  # pixels between points below which only the line is drawn
_BELOW = 0.14  # how far below the least σ the final 0 stands, in shares of the height


class SigmaFrame(PlotPanel):
    """Fit the axes to a list of σ, and lead it to the final 0."""

    band: Any
    curve: Any
    tail: Any
    zero: Any

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("schedule_plot", "σ SCHEDULE", parent)
        self.setAccessibleName("schedule plot")
        self._sigmas: tuple[float, ...] = ()
        self.axis: SigmaAxis = LOG
        self._held = False  # the axes stay as they are while something is dragged
        self._floor = 0.0
        self._band: tuple[float, float] | None = None
        self.plot: Any = pg.PlotWidget()

    def _build(self) -> None:
        """Add what is drawn, and lay out the heading over it."""
        self._add_items()
        self._frame(self.plot, *self._head())
        self._restyle()
        self._rescale()

    @abstractmethod
    def _add_items(self) -> None:
        """Add to the plot what is drawn in it."""

    def _head(self) -> tuple[QWidget, ...]:
        """Return what stands at the right end of the heading."""
        return ()

    def set_band(self, band: tuple[float, float] | None) -> None:
        """Show between which two σ churn acts (0 and inf are open ends); None hides the band."""
        self._band = band
        self._place_band()

    @property
    def _last(self) -> int:
        """Return the number of steps, the place of the last σ."""
        return max(1, len(self._sigmas) - 1)

    def _sigma(self, step: int | None) -> float | None:
        inside = step is not None and 0 <= step < len(self._sigmas) - 1
        return self._sigmas[step] if inside and step is not None else None

    def _y(self, sigma: float) -> float:
        return self.axis.height(sigma) if sigma > 0 else self._floor

    def _step_at(self, point: QPointF) -> int | None:
        if len(self._sigmas) < 2:
            return None
        scene = self.plot.mapToScene(point.toPoint())
        x = self.plot.getPlotItem().getViewBox().mapSceneToView(scene).x()
        return int(max(0, min(self._last - 1, round(x))))

    def _rescale(self) -> None:
        if self._held:
            return
        low, high = bounds(self.axis, self._sigmas)
        span = max(high - low, 0.5)
        falls = self.axis.height(2.0) > self.axis.height(1.0)
        self._floor = low - _BELOW * span if falls else high + _BELOW * span
        if self.axis.zero is not None:
            self._floor = self.axis.zero
        box = self.plot.getPlotItem().getViewBox()
        side = 0.015 * self._last
        box.setRange(
            xRange=(-side, self._last + side),
            yRange=(min(low, self._floor) - 0.08 * span, max(high, self._floor) + 0.06 * span),
            padding=0,
        )
        self._mark_axes(low, high)
        self._place_zero()
        self._place_band()

    def _mark_axes(self, low: float, high: float) -> None:
        room = self.plot.getPlotItem().getViewBox().size()
        marks: list[Tick] = self.axis.ticks(low, high, int(room.height() // 22))
        if self._ends_in_zero and self.axis.zero is None:
            marks = [*marks, (self._floor, "0")]
        self.plot.getAxis("left").setTicks([marks])
        steps = step_ticks(self._last, int(room.width() // 56))
        self.plot.getAxis("bottom").setTicks([steps if self._sigmas else []])
        self.curve.setSymbol("o" if room.width() > _CROWD * self._last else None)

    @property
    def _ends_in_zero(self) -> bool:
        return bool(self._sigmas) and self._sigmas[-1] == 0

    def _place_zero(self) -> None:
        """Lead the line to a hollow point at the bottom, since 0 has no logarithm."""
        ends = self._ends_in_zero and len(self._sigmas) > 1
        self.zero.setVisible(ends)
        self.tail.setVisible(ends)
        if ends:
            last = self.axis.height(self._sigmas[-2])
            self.zero.setData([self._last], [self._floor])
            self.tail.setData([self._last - 1, self._last], [last, self._floor])

    def _place_band(self) -> None:
        self.band.setVisible(self._band is not None)
        if self._band is not None:
            (_, _), (bottom, top) = self.plot.getPlotItem().getViewBox().viewRange()
            ends = [min(max(self._height_of(end), bottom), top) for end in self._band]
            self.band.setRegion((min(ends), max(ends)))

    def _height_of(self, end: float) -> float:
        """Return the height of an end of the band, which may be open."""
        nothing, endless = (-inf, inf) if self.axis.id != "snr" else (inf, -inf)
        if end == 0:
            return nothing
        return endless if end == inf else self.axis.height(end)
