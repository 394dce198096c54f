"""The plot of loss, or another figure, over the course of a run."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from studio.training.run_folder.thinning import Curve
from studio.ui.ink import ink
from studio.ui.measure_button import MeasureButton
from studio.ui.spoken import Spoken
from studio.ui.theme import current
from studio.ui.train.charts.captions import time_text
from studio.ui.train.charts.digest import Digest
from studio.ui.train.charts.heights import Heights, marks, span
from studio.ui.train.charts.measures import MEASURES
from studio.ui.train.charts.panel import EMPTY, ChartPanel
from studio.ui.train.charts.smooth_button import SmoothButton
from studio.ui.train.charts.smoothing import smoothed
from studio.ui.train.charts.time_axis import mark_time


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """The heights of the curves in the plot, as they are drawn."""

    kimg: np.ndarray
    raw: np.ndarray
    smooth: np.ndarray
    held_out: np.ndarray  # (M, 2)


_NONE = _Drawn(np.empty(0), np.empty(0), np.empty(0), np.empty((0, 2)))


class LossPlot(ChartPanel):
    """Plot a measure raw and smoothed, and the loss on held-out pictures, dashed."""

    measure_chosen = Signal(str)
    """The person chose another measure: its id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("loss_plot", "loss over the course of the run", parent)
        self.measure = MEASURES["loss"]
        self.digest: Digest | None = None
        self.drawn = _NONE
        self.shown_at: float | None = None
        self._heights = Heights(0.0, 1.0, log=True)
        self.picker = MeasureButton(
            MEASURES.values(), self, name="train_measure", spoken="figure of the run", keys=""
        )
        self.picker.chosen.connect(self._on_picked)
        self.smoothing = SmoothButton(self)
        self.smoothing.changed.connect(self._redraw)
        self._add_items()
        self._frame(self.picker, self.smoothing)
        self.set_measure("loss")
        self._restyle()

    def _add_items(self) -> None:
        self.band_low, self.band_high = pg.PlotCurveItem(), pg.PlotCurveItem()
        self.band = pg.FillBetweenItem(self.band_low, self.band_high)
        self.raw = pg.PlotCurveItem(connect="finite", antialias=True)
        self.smooth = pg.PlotCurveItem(connect="finite", antialias=True)
        self.held_out = pg.PlotDataItem(connect="finite", antialias=True, symbolSize=4)
        self.clipped = pg.ScatterPlotItem(size=6, pen=None)
        self.checkpoints = pg.ScatterPlotItem(size=7, symbol="t1", pen=None)
        self.dot = pg.ScatterPlotItem(size=7, pen=None)
        self.upright = pg.InfiniteLine(angle=90)
        self.sheet = pg.InfiniteLine(angle=90)
        self.resumes = pg.PlotCurveItem(connect="pairs")
        items = (self.band, self.resumes, self.sheet, self.raw, self.smooth, self.held_out,
                 self.clipped, self.checkpoints, self.upright, self.dot)  # fmt: skip
        for depth, item in enumerate(items):
            item.setZValue(depth)
            self.plot.addItem(item, ignoreBounds=True)

    # What is shown

    def show_digest(self, digest: Digest | None) -> None:
        """Draw the course of a run as far as it goes, or nothing."""
        self.digest = digest
        self._redraw()

    def set_measure(self, id: str) -> None:
        """Draw another measure."""
        self.measure = MEASURES[id]
        self.picker.show_measure(self.measure)
        self.setAccessibleName(f"{self.measure.label.lower()} over the course of the run")
        self.plot.setToolTip(
            f"{self.measure.label}: {self.measure.sign}\n{self.measure.tip}\n\n"
            "▲ at the bottom: a checkpoint. Dotted: where the run was resumed\n"
            "▲ ▼ at an edge: values beyond it. Click to see the samples of that time"
        )
        self._redraw()

    def mark_sheet(self, kimg: float | None) -> None:
        """Mark the place of the samples that are looked at."""
        self.shown_at = kimg
        self.sheet.setVisible(kimg is not None and len(self.drawn.kimg) > 0)
        self.sheet.setPos(kimg or 0.0)

    def _on_picked(self, id: str) -> None:
        self.set_measure(id)
        self.measure_chosen.emit(id)

    @property
    def curve(self) -> Curve | None:
        """Return the curve of the measure, if the run has one."""
        return self.digest.curves.get(self.measure.id) if self.digest is not None else None

    # Drawing

    def _redraw(self) -> None:
        curve = self.curve
        drawn = self._prepare(curve) if curve is not None else _NONE
        if curve is None or np.all(np.isnan(drawn.raw)):
            self._draw_none()
            return
        self.say_empty("")
        self.drawn = drawn
        others = (self.drawn.smooth, self.drawn.held_out[:, 1])
        self._heights = span(self.drawn.raw, others, log=self.measure.log)
        self._draw_lines(curve)
        self._draw_places()
        self._scale()
        self.mark_sheet(self.shown_at)
        self.move_cross(self.cross)

    def _draw_none(self) -> None:
        self.drawn = _NONE
        has = self.digest is not None and len(self.digest.course.kimg) > 0
        missing = f"This run wrote down no {self.measure.label.lower()}"
        self.say_empty(missing if has else EMPTY)
        for item in (self.raw, self.smooth, self.held_out, self.band_low, self.band_high):
            item.setData([], [])
        for dots in (self.clipped, self.checkpoints):
            dots.setData([], [])
        self._draw_resumes(np.empty(0))
        self.sheet.hide()
        self.move_cross(None)

    def _prepare(self, curve: Curve) -> _Drawn:
        assert self.digest is not None
        log = self.measure.log
        raw = height(curve.mean, log=log)
        smooth = smoothed(raw, self.smoothing.share) if log else raw
        held = self.digest.course.held_out if self.measure.id == "loss" else np.empty((0, 2))
        held = np.stack([held[:, 0], height(held[:, 1], log=log)], axis=1)
        held = held[~np.isnan(held[:, 1])]
        return _Drawn(curve.kimg, raw, smooth, held)

    def _draw_lines(self, curve: Curve) -> None:
        drawn, log, ends = self.drawn, self.measure.log, self._heights
        plain = drawn.smooth is drawn.raw
        self.raw.setData(drawn.kimg, np.clip(drawn.raw, ends.low, ends.high))
        self.raw.setVisible(not plain)
        self.smooth.setData(drawn.kimg, np.clip(drawn.smooth, ends.low, ends.high))
        self.held_out.setData(drawn.held_out[:, 0], drawn.held_out[:, 1])
        self.band.setVisible(curve.thinned)
        for item, values in ((self.band_low, curve.low), (self.band_high, curve.high)):
            ys = np.clip(height(values, log=log), ends.low, ends.high) if curve.thinned else []
            item.setData(drawn.kimg if curve.thinned else [], ys)
        self._draw_clipped()

    def _draw_clipped(self) -> None:
        """Mark at the edge what lies beyond it."""
        ends, drawn = self._heights, self.drawn
        above, below = drawn.raw > ends.high, drawn.raw < ends.low
        count = int(above.sum()), int(below.sum())
        xs = np.concatenate([drawn.kimg[above], drawn.kimg[below]])
        ys = np.repeat([ends.high, ends.low], count)
        self.clipped.setData(xs, ys, symbol=["t1"] * count[0] + ["t"] * count[1])

    def _draw_places(self) -> None:
        assert self.digest is not None
        course = self.digest.course
        saved = course.checkpoints
        self.checkpoints.setData(saved, np.full(len(saved), self._heights.floor))
        self._draw_resumes(course.resumes)

    def _draw_resumes(self, places: np.ndarray) -> None:
        """Draw an upright line at each place; one item for all, as pyqtgraph loses removed ones."""
        ends = (self._heights.floor, self._heights.ceiling)
        self.resumes.setData(np.repeat(places, 2), np.tile(ends, len(places)))

    def _scale(self) -> None:
        box, ends = self.plot.getPlotItem().getViewBox(), self._heights
        end = float(self.drawn.kimg[-1])
        box.setRange(xRange=(0, end * 1.01), yRange=(ends.floor, ends.ceiling), padding=0)
        self.plot.getAxis("left").setTicks([marks(ends, int(box.size().height() // 28))])
        mark_time(self.plot, end)

    # The cross

    def _places(self) -> np.ndarray:
        return self.drawn.kimg

    def _show_cross(self) -> None:
        there = self.cross is not None
        self.upright.setVisible(there)
        self.upright.setPos(self.cross or 0.0)
        here = self.drawn.raw[self.drawn.kimg == self.cross] if there else np.empty(0)
        here = here[~np.isnan(here)].clip(self._heights.low, self._heights.high)
        self.dot.setData(np.full(len(here), self.cross), here)
        self.smoothing.setVisible(self.measure.log and not (there and self.plot.underMouse()))
        self.readout.say(self._said())

    def _said(self) -> list[str]:
        """Return the figures under the cross, or what the curves are, the weightiest first."""
        if self.cross is None or self.digest is None:
            return self._hints()
        at = int(np.searchsorted(self.drawn.kimg, self.cross))
        own, curves = self.measure.id, self.digest.curves
        beside = [id for id in _BESIDE if id != own and id in curves]
        values = {id: float(curves[id].mean[at]) for id in (own, *beside)}
        said = [_worded(id, values[id]) for id in beside if not isnan(values[id])]
        text = "–" if isnan(values[own]) else self.measure.said(values[own])
        lead = f'<span style="color:{current().accent}">{text}</span>'
        return [lead, time_text(self.cross), *said]

    def _hints(self) -> list[str]:
        if self.measure.id != "loss":
            return [self.measure.sign]
        hints = ["log", "smoothed"] if self.smoothing.share else ["log"]
        return [*hints, "held-out dashed"] if len(self.drawn.held_out) else hints

    def spoken(self) -> Spoken:
        """Return the figures under the cross, or the newest."""
        curve = self.curve
        if curve is None or not len(curve.kimg):
            return Spoken(self._empty.text())
        at = self.cross if self.cross is not None else float(curve.kimg[-1])
        value = float(curve.mean[int(np.searchsorted(curve.kimg, at))])
        said = "unknown" if isnan(value) else self.measure.said(value)
        words = f"{self.measure.label} {said} at {time_text(at)}"
        return Spoken(words, at, 0.0, float(curve.kimg[-1]), 1.0)

    def _restyle(self) -> None:
        tokens = current()
        self._dress()
        self.raw.setPen(pg.mkPen(ink(tokens.accent, 0.3), width=1))
        self.band.setBrush(ink(tokens.accent, 0.1))
        for edge in (self.band_low, self.band_high):
            edge.setPen(None)
        self.smooth.setPen(pg.mkPen(tokens.accent, width=1.8))
        dashed = pg.mkPen(tokens.noise, width=1.4, style=Qt.PenStyle.DashLine)
        self.held_out.setPen(dashed)
        self.held_out.setSymbol("o")
        self.held_out.setSymbolPen(None)
        self.held_out.setSymbolBrush(tokens.noise)
        self.clipped.setBrush(ink(tokens.accent, 0.6))
        self.checkpoints.setBrush(ink(tokens.muted, 0.8))
        self.resumes.setPen(pg.mkPen(ink(tokens.muted, 0.6), width=1, style=Qt.PenStyle.DotLine))
        self.dot.setBrush(tokens.text)
        self.upright.setPen(pg.mkPen(ink(tokens.text, 0.35), width=1))
        self.sheet.setPen(pg.mkPen(ink(tokens.noise, 0.45), width=1))
        self._redraw()


_BESIDE = ("loss", "learning_rate", "images_per_second", "gradient_norm")
_SIGNS = {"loss": "loss ", "learning_rate": "lr ", "gradient_norm": "|∇| "}


def _worded(id: str, value: float) -> str:
    return f"{_SIGNS.get(id, '')}{MEASURES[id].said(value)}"


def height(values: np.ndarray, *, log: bool) -> np.ndarray:
    """Return where values stand: at their logarithm (base 10), NaN for those without one."""
    if not log:
        return values
    heights: np.ndarray = np.log10(values, out=np.full(len(values), np.nan), where=values > 0)
    return heights
