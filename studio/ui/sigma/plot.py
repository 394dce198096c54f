"""The plot of the schedules: σ against the step, and where the cursor stands on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from studio.ui.ink import ink
from studio.ui.plot_panel import PlotPanel
from studio.ui.sigma.axis import LOG, SigmaAxis, bounds
from studio.ui.sigma.layers import Falls, Overlays, Taken
from studio.ui.theme import current
from studio.ui.ticks import Tick, figure, step_ticks

_CROWD = 5.0  # pixels between points below which only the line is drawn
_BELOW = 0.14  # how far below the least σ the final 0 stands, in shares of the height


class SchedulePlot(PlotPanel):
    """Plot σ on an axis that can be chosen, with the cursor of the timeline."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("schedule_plot", "σ SCHEDULE", parent)
        self.setAccessibleName("schedule plot")
        self._sigmas: tuple[float, ...] = ()
        self.axis: SigmaAxis = LOG
        self._overlays: dict[str, tuple[float, ...]] = {}
        self._held = False  # the axes stay as they are while something is dragged
        self._earlier: tuple[float, ...] = ()
        self._taken_levels: tuple[float, ...] = ()
        self._cursor: int | None = None
        self._band: tuple[float, float] | None = None
        self.plot: Any = pg.PlotWidget()
        self._add_items()
        self._frame(self.plot, *self._head())
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
        self.falls, self.overlays = Falls(self.plot), Overlays(self.plot)
        self.taken = Taken(self.plot)
        lines = (self.previous, self.tail, self.curve, self.zero)
        for depth, item in enumerate((*lines, self.hover_line, self.cursor_line, self.point)):
            item.setZValue(depth)
            self.plot.addItem(item, ignoreBounds=True)
        self.band.setZValue(-1)
        self.plot.addItem(self.band, ignoreBounds=True)
        for item in (self.band, self.hover_line, self.cursor_line):
            item.hide()

    def _head(self) -> tuple[QWidget, ...]:
        """Return what stands at the right end of the heading."""
        return ()

    # What is shown

    def set_sigmas(self, sigmas: Sequence[float]) -> None:
        """Plot sigmas: the σ before each step and, last, the one after it, which may be 0."""
        self._sigmas = tuple(sigmas)
        self._redraw()

    def set_axis(self, axis: SigmaAxis) -> None:
        """Measure the noise level in another way from now on."""
        self.axis = axis
        self._redraw()

    def set_overlays(self, overlays: Mapping[str, Sequence[float]]) -> None:
        """Plot other schedules behind, by their names, stretched to the same width."""
        self._overlays = {name: tuple(sigmas) for name, sigmas in overlays.items()}
        self._draw_overlays()

    def show_falls(self, shown: bool) -> None:
        """Show how far ln σ falls in each step, as bars from the bottom."""
        self.falls.bars.setVisible(shown)
        self._draw_falls()

    def _redraw(self) -> None:
        self.curve.setData(*self._placed(self._sigmas, 1.0))
        self._rescale()
        self.set_previous(self._earlier)
        self._draw_overlays()
        self._draw_falls()
        self.set_cursor(self._cursor)

    def _placed(self, sigmas: Sequence[float], stretch: float) -> tuple[list[float], list[float]]:
        """Return where the levels above 0 stand: steps and heights."""
        above = [(step * stretch, sigma) for step, sigma in enumerate(sigmas) if sigma > 0]
        return [step for step, _ in above], [self.axis.height(sigma) for _, sigma in above]

    def _stretch(self, sigmas: Sequence[float]) -> float:
        return self._last / max(1, len(sigmas) - 1)

    def _draw_overlays(self) -> None:
        lists = self._overlays.items()
        self.overlays.draw({n: self._placed(sigmas, self._stretch(sigmas)) for n, sigmas in lists})

    def _draw_falls(self) -> None:
        (_, _), (bottom, top) = self.plot.getPlotItem().getViewBox().viewRange()
        self.falls.draw(self._sigmas, bottom, top)

    def set_previous(self, sigmas: Sequence[float] | None) -> None:
        """Plot an earlier schedule dashed behind, stretched to the same width; None for none."""
        self._earlier = tuple(sigmas or ())
        self.previous.setData(*self._placed(self._earlier, self._stretch(self._earlier)))

    def set_taken(self, sigmas: Sequence[float] | None) -> None:
        """Plot the levels of the take that is looked at, stretched; None where they are these."""
        self._taken_levels = tuple(sigmas or ())
        self._draw_taken()
        self._show_readout()

    def _draw_taken(self) -> None:
        levels = self._taken_levels
        self.taken.draw(self._placed(levels, self._stretch(levels)), self._cursor)

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
        self._draw_taken()
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
        if not hovered and step < len(self._taken_levels) - 1:
            way = f"take σ {figure(self._taken_levels[step])} · plan {figure(sigma)}"
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
        self.overlays.restyle()
        self.taken.restyle()
        self.falls.restyle()
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
