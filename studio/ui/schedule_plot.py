"""The plot of the schedule: σ against the step, and where the cursor stands on it."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from studio.ui.ink import ink
from studio.ui.plot_panel import PlotPanel
from studio.ui.theme import current
from studio.ui.ticks import Tick, figure, log_ticks, step_ticks

_TIP = (
    "The noise level σ before every step; the hollow point at the bottom is the final 0.\n"
    "Click or drag to move the cursor. Orange: where churn acts, from S_tmin to S_tmax.\n"
    "Dashed: the schedule before the last change"
)
_CROWD = 5.0  # pixels between points below which only the line is drawn
_BELOW = 0.14  # how far below the least σ the final 0 stands, in shares of the height


class SchedulePlot(PlotPanel):
    """Plot σ on a logarithmic axis with the cursor of the timeline."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("schedule_plot", "σ SCHEDULE", parent)
        self.setAccessibleName("schedule plot")
        self._sigmas: tuple[float, ...] = ()
        self._logs: list[tuple[int, float]] = []
        self._earlier: tuple[float, ...] = ()
        self._cursor: int | None = None
        self._band: tuple[float, float] | None = None
        self.plot: Any = pg.PlotWidget()
        self.plot.setToolTip(_TIP)
        self._add_items()
        self._frame(self.plot)
        self._restyle()
        self._rescale()

    def _add_items(self) -> None:
        self.band = pg.LinearRegionItem(orientation="horizontal", movable=False)
        self.previous = pg.PlotCurveItem(antialias=True)
        self.tail = pg.PlotCurveItem(antialias=True)
        self.curve = pg.PlotDataItem(antialias=True, symbolSize=7)
        self.zero = pg.ScatterPlotItem(size=7, antialias=True)
        self.hover_line = pg.InfiniteLine(angle=90)
        self.cursor_line = pg.InfiniteLine(angle=90)
        self.point = pg.ScatterPlotItem(size=11, antialias=True)
        lines = (self.previous, self.tail, self.curve, self.zero)
        for depth, item in enumerate((*lines, self.hover_line, self.cursor_line, self.point)):
            item.setZValue(depth)
            self.plot.addItem(item, ignoreBounds=True)
        self.band.setZValue(-1)
        self.plot.addItem(self.band, ignoreBounds=True)
        for item in (self.band, self.hover_line, self.cursor_line):
            item.hide()

    # What is shown

    def set_sigmas(self, sigmas: Sequence[float]) -> None:
        """Plot sigmas: the σ before each step and, last, the one after it, which may be 0."""
        self._sigmas = tuple(sigmas)
        self._logs = [(step, log10(sigma)) for step, sigma in enumerate(sigmas) if sigma > 0]
        self.curve.setData([step for step, _ in self._logs], [log for _, log in self._logs])
        self._rescale()
        self.set_previous(self._earlier)
        self.set_cursor(self._cursor)

    def set_previous(self, sigmas: Sequence[float] | None) -> None:
        """Plot an earlier schedule dashed behind, stretched to the same width; None for none."""
        self._earlier = tuple(sigmas or ())
        stretch = self._last / max(1, len(self._earlier) - 1)
        logs = [(step * stretch, log10(s)) for step, s in enumerate(self._earlier) if s > 0]
        self.previous.setData([step for step, _ in logs], [log for _, log in logs])

    def set_band(self, band: tuple[float, float] | None) -> None:
        """Show between which two σ churn acts (0 and inf are open ends); None hides the band."""
        self._band = band
        self._place_band()

    def set_cursor(self, step: int | None) -> None:
        """Put the cursor on the σ before `step`; None hides it."""
        self._cursor = step
        sigma = self._sigma(step)
        self.cursor_line.setVisible(sigma is not None)
        self.point.setVisible(sigma is not None)
        if step is not None and sigma is not None:
            self.cursor_line.setValue(step)
            self.point.setData([step], [self._y(sigma)])
        self._show_readout()

    @property
    def cursor_step(self) -> int | None:
        """Return the step under the cursor."""
        return self._cursor

    # Places

    @property
    def _last(self) -> int:
        """Return the number of steps, the place of the last σ."""
        return max(1, len(self._sigmas) - 1)

    def _sigma(self, step: int | None) -> float | None:
        inside = step is not None and 0 <= step < len(self._sigmas) - 1
        return self._sigmas[step] if inside and step is not None else None

    def _y(self, sigma: float) -> float:
        return log10(sigma) if sigma > 0 else self._floor

    def _step_at(self, point: QPointF) -> int | None:
        if len(self._sigmas) < 2:
            return None
        scene = self.plot.mapToScene(point.toPoint())
        x = self.plot.getPlotItem().getViewBox().mapSceneToView(scene).x()
        return int(max(0, min(self._last - 1, round(x))))

    def _rescale(self) -> None:
        logs = [log for _, log in self._logs] or [-2.0, 2.0]
        low, high = min(logs), max(logs)
        span = max(high - low, 0.5)
        self._floor = low - _BELOW * span
        box = self.plot.getPlotItem().getViewBox()
        side = 0.015 * self._last
        box.setRange(
            xRange=(-side, self._last + side),
            yRange=(self._floor - 0.04 * span, high + 0.06 * span),
            padding=0,
        )
        self._mark_axes(low, high)
        self._place_zero()
        self._place_band()

    def _mark_axes(self, low: float, high: float) -> None:
        room = self.plot.getPlotItem().getViewBox().size()
        marks: list[Tick] = log_ticks(low, high, int(room.height() // 22))
        if self._ends_in_zero:
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
        ends = self._ends_in_zero and bool(self._logs)
        self.zero.setVisible(ends)
        self.tail.setVisible(ends)
        if ends:
            step, log = self._logs[-1]
            self.zero.setData([self._last], [self._floor])
            self.tail.setData([step, self._last], [log, self._floor])

    def _place_band(self) -> None:
        self.band.setVisible(self._band is not None)
        if self._band is not None:
            (_, _), (bottom, top) = self.plot.getPlotItem().getViewBox().viewRange()
            low, high = (
                min(max(log10(end), bottom), top) if end > 0 else bottom for end in self._band
            )
            self.band.setRegion((low, high))

    # Looks

    def _show_hovered(self) -> None:
        hovered = self._hovered is not None and self._hovered != self._cursor
        self.hover_line.setVisible(hovered)
        if hovered:
            self.hover_line.setValue(self._hovered)
        self._show_readout()

    def _show_readout(self) -> None:
        hovered = self._hovered is not None
        step = self._hovered if hovered else self._cursor
        sigma = self._sigma(step)
        if step is None or sigma is None:
            self.readout.setText("")
            return
        way = f"σ {figure(sigma)} → {figure(self._sigmas[step + 1])}"
        lead = f"step {step + 1} · " if hovered else ""
        self.readout.setText(f'{lead}<span style="color:{current().text}">{way}</span>')

    def _restyle(self) -> None:
        tokens = current()
        self._dress(self.plot)
        self.band.setBrush(ink(tokens.noise, 0.11))
        for edge in self.band.lines:
            edge.setPen(None)
        self.previous.setPen(pg.mkPen(tokens.muted, width=1.2, dash=[4, 4]))
        self.tail.setPen(pg.mkPen(ink(tokens.accent, 0.6), width=1.5, style=Qt.PenStyle.DotLine))
        self.curve.setPen(pg.mkPen(tokens.accent, width=2))
        self.curve.setSymbolBrush(tokens.accent)
        self.curve.setSymbolPen(None)
        self.zero.setPen(pg.mkPen(tokens.accent, width=1.5))
        self.zero.setBrush(tokens.panel)
        self.hover_line.setPen(pg.mkPen(ink(tokens.text, 0.25), width=1))
        self.cursor_line.setPen(pg.mkPen(ink(tokens.text, 0.6), width=1))
        self.point.setPen(None)
        self.point.setBrush(tokens.text)
        self._show_readout()
