"""The plot of the schedules: σ against the step, and where the cursor stands on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from studio.ui.ink import ink
from studio.ui.sigma.axis import SigmaAxis
from studio.ui.sigma.frame import SigmaFrame
from studio.ui.sigma.layers import Falls, Overlays, Taken
from studio.ui.theme import current
from studio.ui.ticks import figure


class SchedulePlot(SigmaFrame):
    """Plot σ on an axis that can be chosen, with the cursor of the timeline."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overlays: dict[str, tuple[float, ...]] = {}
        self._earlier: tuple[float, ...] = ()
        self._taken_levels: tuple[float, ...] = ()
        self._cursor: int | None = None
        self._build()

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
