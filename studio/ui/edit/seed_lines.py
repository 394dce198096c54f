"""A plot over the steps with a line for each seed, the chosen one bold."""

from __future__ import annotations

from math import log10

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.ui.canvas_header import shortened
from studio.ui.ink import ink
from studio.ui.plot_panel import PlotPanel
from studio.ui.step_lines import MOST, StepLines
from studio.ui.theme import current
from studio.ui.ticks import Tick, figure, log_ticks, range_ticks, step_ticks

_CROWD = 6.0  # pixels per step below which the line has no points
_DEEP = 8.0  # decades below the largest value at which a logarithmic axis ends
_SHALLOW = 1.0  # decades that such an axis has at least
_LEAST = 1e-12
Values = NDArray[np.floating]


class SeedLines(StepLines):
    """Draw the lines of all seeds in one colour of the theme."""

    def __init__(self, plot: object, colour: str) -> None:
        self._colour = colour
        super().__init__(plot)

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        super().restyle()
        colour = getattr(current(), self._colour)
        self.others.setPen(pg.mkPen(ink(colour, 0.4), width=1))
        self.mean.setPen(None)
        self.bright.setPen(pg.mkPen(colour, width=2))
        self.bright.setSymbolBrush(colour)


class SeedPlot(PlotPanel):
    """Plot values of every step, one line a seed; `log` ones on a logarithmic axis.

    colour: a name of the theme's tokens; bounds: what the values lie between at the utmost, of
    which None is taken from them.
    """

    def __init__(
        self,
        name: str,
        title: str,
        colour: str,
        *,
        log: bool = False,
        bounds: tuple[float | None, float | None] = (None, None),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(name, title, parent)
        self.setAccessibleName(title)
        self.plot = pg.PlotWidget()
        self._colour, self._log, self._bounds = colour, log, bounds
        self._total, self._floor, self._note = 1, 0.0, ""
        self._crowded = False
        self.lines = SeedLines(self.plot, colour)
        self._empty = QLabel("No steps yet", self.plot)
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        QVBoxLayout(self.plot).addWidget(self._empty)
        self._frame(self.plot)
        self._restyle()
        self.redraw()

    @property
    def values(self) -> Values:
        """Return what is plotted, (steps, seeds)."""
        return self.lines.values

    def show_values(
        self, values: Values, chosen: int, total: int | None = None, note: str = ""
    ) -> None:
        """Plot values: (steps, seeds), NaN for none, the line of `chosen` bold.

        total: how many steps there will be; note: what stands at the right of the heading.
        """
        known = values.ndim == 2 and values.shape[1] > 0
        values = values if known else np.zeros((0, 0))
        self.lines.set_values(values, min(chosen, max(values.shape[-1] - 1, 0)), None)
        self._total, self._note = max(total or 0, len(values), 1), note
        self.redraw()

    def say(self, empty: str) -> None:
        """Say why nothing is plotted, where that is so."""
        self._empty.setText(empty)

    def add_to_heading(self, button: QWidget) -> None:
        """Put a button at the left of the heading, beside the title."""
        self._top.insertWidget(1, button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much in the heading as there is room for."""
        super().resizeEvent(event)
        self._show_hovered()

    def redraw(self) -> None:
        """Draw what there is in the room there is."""
        self._rescale()
        self.lines.draw(log=self._log, floor=self._floor, crowded=self._crowded)
        self._empty.setVisible(not self.lines.shown().size)
        self._show_hovered()

    def _rescale(self) -> None:
        shown = self.lines.shown()
        low, high = self._ends(shown)
        gap = max(high - low, 1e-3 * max(abs(high), 1e-3))
        self._floor = low
        box = self.plot.getPlotItem().getViewBox()
        box.setRange(
            xRange=(-0.75, self._total - 0.25),
            yRange=(low - 0.04 * gap, low + 1.08 * gap),
            padding=0,
        )
        rows = max(2, min(5, int(box.size().height() // 24)))
        ticks = log_ticks if self._log else range_ticks
        self._mark_axes(ticks(low - 0.04 * gap, low + 1.08 * gap, rows) if shown.size else [])

    def _ends(self, shown: Values) -> tuple[float, float]:
        """Return the lowest and the highest place on the axis."""
        if self._log:
            positive = shown[shown > _LEAST]
            high = log10(float(positive.max())) if positive.size else 0.0
            low = log10(float(positive.min())) if positive.size else -1.0
            return min(max(low, high - _DEEP), high - _SHALLOW), high
        low, high = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 1.0)
        least, most = self._bounds
        return low if least is None else least, high if most is None else most

    def _mark_axes(self, marks: list[Tick]) -> None:
        room = self.plot.getPlotItem().getViewBox().size()
        self.plot.getAxis("left").setTicks([marks])
        steps = step_ticks(self._total, int(room.width() // 40))
        named = len(steps) // 2  # the first would not fit into the corner
        steps[named] = (steps[named][0], f"step {steps[named][1]}")
        self.plot.getAxis("bottom").setTicks([steps if marks else []])
        self._crowded = bool(room.width() < _CROWD * self._total)

    def _step_at(self, point: QPointF) -> int | None:
        count = len(self.lines.values)
        if not count:
            return None
        scene = self.plot.mapToScene(point.toPoint())
        x = self.plot.getPlotItem().getViewBox().mapSceneToView(scene).x()
        return int(max(0, min(count - 1, round(x))))

    def _show_hovered(self) -> None:
        """Say what the chosen seed has at the step under the mouse, or the note."""
        if self._hovered is None:
            width_of = self.readout.fontMetrics().horizontalAdvance
            self.readout.setText(shortened(self._note, self.readout.width(), width_of))
            return
        own = self.lines.own(self._hovered)
        said = "–" if own is None else figure(own)
        colour = getattr(current(), self._colour)
        words = f'step {self._hovered + 1} · <span style="color:{colour}">{said}</span>'
        seeds = self.lines.values.shape[1]
        mean = self.lines.mean_at(self._hovered)
        among = f" · mean of {min(seeds, MOST)} {figure(mean)}" if mean is not None else ""
        self.readout.setText(words + among)

    def _restyle(self) -> None:
        self._dress(self.plot)
        self.lines.restyle()
