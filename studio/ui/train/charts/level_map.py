"""The map of loss by noise level over the course of a run, with what is trained on beside it."""

from __future__ import annotations

from math import log

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QWidget

from studio.training.run_folder.levels import BUCKETS, HIGHEST, LOWEST, level_edges
from studio.training.run_folder.thinning import LevelGrid
from studio.ui.compare.heat_legend import HeatLegend
from studio.ui.ink import ink
from studio.ui.quiet_button import QuietButton
from studio.ui.spoken import Spoken
from studio.ui.theme import current, heading_font, scaled
from studio.ui.ticks import Tick, figure
from studio.ui.train.charts.captions import time_text
from studio.ui.train.charts.digest import Digest
from studio.ui.train.charts.level_scale import CHANGE, HELD_OUT, LOSS, LevelScale, level_scale
from studio.ui.train.charts.panel import NO_FIGURES, ChartPanel
from studio.ui.train.charts.shades import shade, shades
from studio.ui.train.charts.time_axis import mark_time

_MARKS = ((0.002, ".002"), (0.02, ".02"), (0.1, ".1"), (1, "1"), (10, "10"), (80, "80"))
_FEW = (".002", "1", "80")
_BESIDE, _GAP = 44, 6  # design pixels of the distribution and of the space before it
_COLUMNS = 480
_AIR = 7  # design pixels above and below, for the text of the marks
_NAMES = {LOSS: "loss ▾", CHANGE: "since start ▾", HELD_OUT: "held out ▾"}
_TIP = (
    "The weighted loss of each part of the noise levels, from fine detail (σ .002, below) to\n"
    "pure noise (σ 80, above), over the pictures seen. Bright: a high loss; clear: no sample.\n"
    "Right: how often training draws each level, as a density over ln σ."
)
_SCALES = {
    LOSS: "Colours: the loss, on a logarithmic scale.",
    CHANGE: "Colours: the loss over that at the beginning of the run, level by level, on a\n"
    "logarithmic scale: below 1 is learned.",
    HELD_OUT: "Colours: the loss on held-out pictures, at the same noise every time, on a\n"
    "logarithmic scale. Rising again while the other falls: it learns by heart.",
}


class LevelMap(ChartPanel):
    """Show where along the noise levels a run learns, and where it trains."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("level_map", "loss by noise level over the course of the run", parent)
        self.digest: Digest | None = None
        self.scale: LevelScale | None = None
        self.scaling = LOSS
        self.level: int | None = None
        self._title = QLabel("LOSS PER σ")
        self._title.setProperty("role", "heading")
        self._title.setFont(heading_font())
        self.legend = HeatLegend(self, "level_legend", shade)
        self.button = QuietButton("level_scaling", self)
        self.button.setAccessibleName("what the colours show")
        self.button.clicked.connect(self._on_clicked)
        self._add_items()
        self._frame(self._title, self.legend, self.button)
        self.set_scaling(LOSS)
        self._restyle()

    def _add_items(self) -> None:
        self.image = pg.ImageItem()
        self.beside = pg.PlotCurveItem(antialias=True, fillLevel="enclosed")
        self.upright, self.level_line = pg.InfiniteLine(angle=90), pg.InfiniteLine(angle=0)
        items = (self.image, self.beside, self.upright, self.level_line)
        for depth, item in enumerate(items):
            item.setZValue(depth)
            self.plot.addItem(item, ignoreBounds=True)

    # What is shown

    def show_digest(self, digest: Digest | None) -> None:
        """Draw the course of a run as far as it goes, or nothing."""
        self.digest = digest
        self._redraw()

    def set_scaling(self, scaling: str) -> None:
        """Colour by “loss”, by its “change” since the beginning, or by that “held_out”."""
        self.scaling = scaling
        self.button.set_text(_NAMES[scaling])
        self.button.setToolTip(f"{_SCALES[scaling]}\nPress for the other")
        self.plot.setToolTip(f"{_TIP}\n{_SCALES[scaling]}")
        self._redraw()

    def _on_clicked(self) -> None:
        offered = [LOSS, CHANGE] if self._held_out is None else [LOSS, CHANGE, HELD_OUT]
        place = offered.index(self.scaling) + 1 if self.scaling in offered else 1
        self.set_scaling(offered[place % len(offered)])

    @property
    def _held_out(self) -> LevelGrid | None:
        return _known(self.digest.held_out) if self.digest is not None else None

    @property
    def grid(self) -> LevelGrid | None:
        """Return the losses that are shown, None while there are none."""
        if self.scaling == HELD_OUT:
            return self._held_out
        return _known(self.digest.grid) if self.digest is not None else None

    # Drawing

    def _redraw(self) -> None:
        grid = self.grid
        if grid is None:
            self._draw_none()
            return
        self.say_empty("")
        self.scale = level_scale(grid, self.scaling)
        low, high = self.scale.ends
        self.legend.show_scale(low, high, _SCALES[self.scaling])
        assert self.digest is not None
        last = float(grid.edges[-1])
        end = max(last, self.digest.course.reached)
        self.image.setImage(shades(spread(grid, self.scale.shares)), autoLevels=False)
        self.image.setRect(QRectF(0, 0, last, BUCKETS))
        self._draw_beside(end)
        self._mark(end)
        self.move_cross(self.cross)

    def _draw_none(self) -> None:
        has = self.digest is not None and len(self.digest.course.kimg) > 0
        whose = "held-out loss" if self.scaling == HELD_OUT else "loss"
        self.say_empty(f"This run wrote down no {whose} by noise level" if has else NO_FIGURES)
        self.scale = self.level = None
        self.image.clear()
        self.beside.setData([], [])
        self.move_cross(None)

    def _draw_beside(self, end: float) -> None:
        """Draw the distribution of the noise levels right of the map, and make room for it."""
        box = self.plot.getPlotItem().getViewBox()
        facts = self.digest.facts if self.digest is not None else None
        room = scaled(_BESIDE + _GAP) if facts is not None else 0
        unit = end / max(box.size().width() - room, 1.0)  # kimg per pixel
        air = BUCKETS * scaled(_AIR) / max(box.size().height() - 2 * scaled(_AIR), 1.0)
        box.setRange(xRange=(0, end + room * unit), yRange=(-air, BUCKETS + air), padding=0)
        if facts is None:
            self.beside.setData([], [])
            return
        ys = (np.arange(len(facts.density)) + 0.5) * (BUCKETS / len(facts.density))
        foot = end + scaled(_GAP) * unit
        width = facts.density / max(float(facts.density.max()), 1e-12) * scaled(_BESIDE - 2) * unit
        self.beside.setData(np.r_[foot, foot + width, foot], np.r_[ys[0], ys, ys[-1]])

    def _mark(self, end: float) -> None:
        mark_time(self.plot, end)
        high = self.plot.getPlotItem().getViewBox().size().height()
        self.plot.getAxis("left").setTicks([level_ticks(few=high < scaled(110))])

    # The cross

    def _places(self) -> np.ndarray:
        grid = self.grid
        return np.empty(0) if grid is None else grid.edges[1:]

    def _on_pointed(self, place: QPointF) -> None:
        grid = self.grid
        if grid is None:
            return
        self.level = min(max(int(place.y()), 0), BUCKETS - 1)
        self._point_at(place.x() if place.x() <= grid.edges[-1] else None)

    def _on_left(self) -> None:
        self.level = None
        super()._on_left()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move along the levels with the arrows up and down."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        if self.grid is not None and (step := steps.get(Qt.Key(event.key()))) is not None:
            at = BUCKETS // 2 if self.level is None else self.level + step
            self.level = min(max(at, 0), BUCKETS - 1)
            self._point_at(self.grid.edges[-1] if self.cross is None else self.cross)
            return
        super().keyPressEvent(event)

    def _show_cross(self) -> None:
        self.upright.setVisible(self.cross is not None)
        self.upright.setPos(self.cross or 0.0)
        self.level_line.setVisible(self.level is not None)
        self.level_line.setPos((self.level or 0) + 0.5)
        self._make_room()
        self.readout.say(self._said())

    def _make_room(self) -> None:
        """Let the legend go while there is a readout, or no room; the button for the mouse too."""
        there = self.scale is not None
        figures = self.digest is not None and _known(self.digest.grid) is not None
        pointed = self.level is not None and self.plot.underMouse()
        taken = self._title.sizeHint().width() + self.button.sizeHint().width() + scaled(40)
        roomy = self.width() - taken >= self.legend.sizeHint().width()
        self.legend.setVisible(there and roomy and self.level is None)
        self.button.setVisible(figures and not pointed)

    def _said(self) -> list[str]:
        """Return what is under the cross, the weightiest first."""
        if self.level is None or self.grid is None:
            return []
        low, high = level_edges(self.level)
        parts = [f"σ {low:.2g}–{high:.2g}"]
        if self.cross is not None:
            loss = self.grid.loss[int(np.searchsorted(self.grid.edges[1:], self.cross)), self.level]
            said = "no sample" if np.isnan(loss) else figure(float(loss))
            color = current().noise
            parts.insert(0, f'<span style="color:{color}">{said}</span>')
            parts.append(time_text(self.cross))
        if self.digest is not None and self.digest.facts is not None:
            share = share_text(float(self.digest.facts.shares[self.level]))
            parts.insert(2, f"{share} of draws")
        return parts

    def spoken(self) -> Spoken:
        """Return the loss under the cross."""
        if self.level is None or self.grid is None:
            return Spoken(self._empty.text())
        return Spoken(self.readout.plain)

    def _restyle(self) -> None:
        tokens = current()
        self._dress()
        self.plot.getAxis("left").setGrid(False)
        self.beside.setBrush(ink(tokens.noise, 0.3))
        self.beside.setPen(pg.mkPen(ink(tokens.noise, 0.8), width=1))
        for line in (self.upright, self.level_line):
            line.setPen(pg.mkPen(ink(tokens.text, 0.5), width=1))
        self._redraw()


def _known(grid: LevelGrid) -> LevelGrid | None:
    """Return a grid, None where it has no losses."""
    return None if np.all(np.isnan(grid.loss)) else grid


def spread(grid: LevelGrid, values: np.ndarray) -> np.ndarray:
    """Return values: (P, 16) over even columns of time: (480, 16), each that of its row."""
    middles = (np.arange(_COLUMNS) + 0.5) / _COLUMNS * grid.edges[-1]
    rows = np.searchsorted(grid.edges[1:], middles).clip(max=len(values) - 1)
    spread: np.ndarray = values[rows]
    return spread


def level_ticks(*, few: bool = False) -> list[Tick]:
    """Return the marks of noise levels: the height of each, counted in buckets, and its text."""
    unit = BUCKETS / (HIGHEST - LOWEST)
    marks = [((log(sigma) - LOWEST) * unit, text) for sigma, text in _MARKS]
    return [mark for mark in marks if not few or mark[1] in _FEW]


def share_text(share: float) -> str:
    """Return a share in percent, such as “12 %”, “0.3 %” or “< 0.1 %”."""
    percent = 100 * share
    if percent < 0.1:
        return "< 0.1 %"
    return f"{percent:.0f} %" if percent >= 9.5 else f"{percent:.1f} %"
