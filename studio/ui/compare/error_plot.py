"""The plot of error against cost, on logarithmic axes, with the Pareto front filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log10
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.ui.plot_panel import dress, still
from studio.ui.quiet_button import QuietButton
from studio.ui.theme import current, heading_font, sans_font, scaled
from studio.ui.ticks import figure, log_ticks, power_text

_LABELS = 150  # pixels at the right end for the names of the lines
_NEAR = 12.0  # pixels within which the mouse is at a point
AXES = {"nfe": "NFE", "seconds": "time"}


@dataclass(frozen=True, slots=True)
class Point:
    """A measured cell; `front` tells that nothing is both cheaper and better."""

    nfe: int
    seconds: float
    error: float
    front: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What one sampler on one schedule reaches; its points go from cheap to dear."""

    label: str
    points: tuple[Point, ...]
    color: str


_IDLE = "Press Compare to fill this plot"
_BUSY = "The reference comes first, then a point for each cell"


class ErrorPlot(QWidget):
    """Plot lines of (cost, error); a click on a point chooses its cost.

    idle: what is said while there are no lines; `fronted` tells that a Pareto front is filled.
    """

    nfe_chosen = Signal(int)

    def __init__(
        self, parent: QWidget | None = None, *, idle: str = _IDLE, fronted: bool = True
    ) -> None:
        super().__init__(parent)
        self._idle, self._fronted = idle, fronted
        self.setObjectName("error_plot")
        self.setAccessibleName("error against cost")
        self.lines: tuple[Line, ...] = ()
        self.axis = "nfe"
        self.plot: Any = pg.PlotWidget()
        self.axis_button = QuietButton("error_axis", self)
        self.axis_button.setAccessibleName("cost axis")
        self.axis_button.setToolTip("Plot the error against evaluations (NFE), or against time")
        self.axis_button.clicked.connect(self._on_axis_clicked)
        self.readout = QLabel()
        self.readout.setProperty("role", "mono")
        self._empty = QLabel(idle, self.plot)
        self._empty.setObjectName("error_empty")
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        QVBoxLayout(self.plot).addWidget(self._empty)
        self._lay_out()
        self.show_lines(())

    def show_running(self, *, on: bool) -> None:
        """Say in the empty plot what to wait for, or what to press."""
        self._empty.setText(_BUSY if on else self._idle)

    def _lay_out(self) -> None:
        title = QLabel("ERROR AGAINST COST")
        title.setProperty("role", "heading")
        title.setFont(heading_font())
        head = QHBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.readout)
        head.addWidget(self.axis_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 6)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.plot, 1)
        still(self.plot)
        self.plot.getAxis("bottom").setStyle(tickAlpha=0)
        self.plot.getPlotItem().getViewBox().sigResized.connect(lambda _box: self._redraw())
        self.plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.plot.scene().sigMouseClicked.connect(self._on_mouse_clicked)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Plot these lines; points without a positive error have no place on the axis."""
        kept = (replace(line, points=tuple(filter(_drawable, line.points))) for line in lines)
        self.lines = tuple(line for line in kept if line.points)
        self._empty.setVisible(not self.lines)
        for side in ("left", "bottom"):
            self.plot.showAxis(side, bool(self.lines))
        self._redraw()

    def show_axis(self, axis: str) -> None:
        """Plot against "nfe" or "seconds"."""
        self.axis = axis
        self._redraw()

    def cost(self, point: Point) -> float:
        """Return the cost of a point on the axis in force."""
        return float(getattr(point, self.axis))

    def _redraw(self) -> None:
        filled = " · Pareto front filled" if self._fronted else ""
        self.axis_button.set_text(f"{AXES[self.axis]} ▾ · log–log{filled}")
        self.readout.setText("")
        self.plot.clear()
        dress(self.plot)
        if self.lines:
            self._rescale()
            for line in self.lines:
                self._draw(line)
            self._label()

    def _rescale(self) -> None:
        points = [point for line in self.lines for point in line.points]
        xs = [log10(self.cost(point)) for point in points]
        ys = [log10(point.error) for point in points]
        box = self.plot.getPlotItem().getViewBox()
        width, height = max(box.width(), 1.0), max(box.height(), 1.0)
        span = max(max(xs) - min(xs), 0.1)
        room = span * scaled(_LABELS) / max(width - scaled(_LABELS), 1.0)
        rise = max(max(ys) - min(ys), 0.1)
        low, high = min(ys) - 0.08 * rise, max(ys) + 0.08 * rise
        left = min(xs) - 0.04 * span
        box.setRange(xRange=(left, max(xs) + room), yRange=(low, high), padding=0)
        self.plot.getAxis("left").setTicks([log_ticks(low, high, int(height // 40))])
        self.plot.getAxis("bottom").setTicks([self._costs(left, max(xs), int(width // 60))])

    def _costs(self, low: float, high: float, most: int) -> list[tuple[float, str]]:
        if self.axis == "seconds":
            return [(x, f"{power_text(10**x)} s") for x, _ in log_ticks(low, high, most)]
        spent = sorted({point.nfe for line in self.lines for point in line.points})
        stride = -(-len(spent) // max(most, 1))
        return [(log10(nfe), str(nfe)) for nfe in spent[::stride]]

    def _draw(self, line: Line) -> None:
        tokens = current()
        xs = [log10(self.cost(point)) for point in line.points]
        ys = [log10(point.error) for point in line.points]
        fills = [pg.mkBrush(line.color if p.front else tokens.background) for p in line.points]
        self.plot.plot(xs, ys, pen=pg.mkPen(line.color, width=1.6), antialias=True)
        rings = pg.ScatterPlotItem(
            xs, ys, size=8, pen=pg.mkPen(line.color, width=1.6), brush=fills, antialias=True
        )
        self.plot.addItem(rings)

    def _label(self) -> None:
        """Name each line at its end; names that would overlap are moved apart."""
        box = self.plot.getPlotItem().getViewBox()
        low, high = box.viewRange()[1]
        least = scaled(15) * (high - low) / max(box.height(), 1.0)
        ends = sorted(
            ((log10(line.points[-1].error), line) for line in self.lines), key=lambda end: end[0]
        )
        floor = low
        for y, line in ends:
            floor = max(y, floor + least)
            text = pg.TextItem(line.label, color=line.color, anchor=(0, 0.5))
            text.setFont(sans_font(11))
            text.setPos(log10(self.cost(line.points[-1])) + 0.006 * (high - low), floor)
            self.plot.addItem(text, ignoreBounds=True)

    def _nearest(self, scene: QPointF) -> tuple[Line, Point] | None:
        view = self.plot.getPlotItem().getViewBox()
        best, found = _NEAR, None
        for line in self.lines:
            for point in line.points:
                place = QPointF(log10(self.cost(point)), log10(point.error))
                away = (view.mapViewToScene(place) - scene).manhattanLength()
                if away < best:
                    best, found = away, (line, point)
        return found

    def _on_mouse_moved(self, scene: QPointF) -> None:
        found = self._nearest(scene)
        if found is None:
            self.readout.setText("")
            return
        line, point = found
        said = f"{line.label} · {point.nfe} NFE · error {figure(point.error)}"
        self.readout.setText(f"{said} · {point.seconds:.2f} s   ")

    def _on_mouse_clicked(self, event: Any) -> None:
        found = self._nearest(event.scenePos())
        if found is not None:
            self.nfe_chosen.emit(found[1].nfe)

    def _on_axis_clicked(self) -> None:
        self.show_axis("seconds" if self.axis == "nfe" else "nfe")

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._redraw()
            self.plot.resetCachedContent()


def _drawable(point: Point) -> bool:
    return point.error > 0 and point.nfe > 0 and point.seconds > 0
