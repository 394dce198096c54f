"""The plot of loss, or another figure, over the course of a run."""

from __future__ import annotations

from math import isnan

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal
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
from studio.ui.train.charts.panel import NO_FIGURES, ChartPanel
from studio.ui.train.charts.run_lines import EMPTY, NOTHING, Drawn, RunLines
from studio.ui.train.charts.smooth_button import SmoothButton
from studio.ui.train.charts.smoothing import smoothed
from studio.ui.train.charts.time_axis import mark_time


class LossPlot(ChartPanel):
    """Plot a measure raw and smoothed, and the loss on held-out pictures, dashed."""

    measure_chosen = Signal(str)
    """The person chose another measure: its id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("loss_plot", "loss over the course of the run", parent)
        self.measure = MEASURES["loss"]
        self.digest: Digest | None = None
        self.drawn = NOTHING
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
        self.lines = RunLines(self.plot)
        self.sheet, self.upright = pg.InfiniteLine(angle=90), pg.InfiniteLine(angle=90)
        self.dot = pg.ScatterPlotItem(size=7, pen=None)
        for depth, item in enumerate((self.sheet, self.upright, self.dot)):
            item.setZValue(10 + depth)
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
        drawn = self._prepare(curve) if curve is not None else NOTHING
        there = not np.all(np.isnan(drawn.raw))
        self.drawn = drawn if there else NOTHING
        self.say_empty("" if there else self._missing())
        self._heights = self._span()
        self.lines.draw(self.drawn, self._heights)
        self._draw_places()
        if there:
            self._scale()
        self.mark_sheet(self.shown_at)
        self.move_cross(self.cross)

    def _missing(self) -> str:
        has = self.digest is not None and len(self.digest.course.kimg) > 0
        return f"This run wrote down no {self.measure.label.lower()}" if has else NO_FIGURES

    def _prepare(self, curve: Curve) -> Drawn:
        assert self.digest is not None
        log = self.measure.log
        raw = height(curve.mean, log=log)
        smooth = smoothed(raw, self.smoothing.share) if log else raw
        held = self.digest.course.held_out if self.measure.id == "loss" else NOTHING.held_out
        held = np.stack([held[:, 0], height(held[:, 1], log=log)], axis=1)
        held = held[~np.isnan(held[:, 1])]
        ends = (curve.low, curve.high) if curve.thinned else (EMPTY, EMPTY)
        low, high = (height(values, log=log) for values in ends)
        return Drawn(curve.kimg, raw, smooth, held, low, high)

    def _span(self) -> Heights:
        """Return the axis; only on a logarithmic one may outliers lie beyond it."""
        drawn, log = self.drawn, self.measure.log
        whole = [] if log and drawn.smooth is drawn.raw else [drawn.smooth]
        return span(drawn.raw, [*whole, drawn.held_out[:, 1]], log=log)

    def _draw_places(self) -> None:
        there = self.digest is not None and len(self.drawn.kimg) > 0
        course = self.digest.course if self.digest is not None and there else None
        saved, resumed = (course.checkpoints, course.resumes) if course else (EMPTY, EMPTY)
        self.lines.draw_places(saved, resumed, self._heights)

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
        self.lines.restyle()
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
