"""The lines and marks in the plot over a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from studio.ui.ink import ink
from studio.ui.theme import current
from studio.ui.train.charts.heights import Heights


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Hold the heights of curves at kimg: (P,) each, and of held-out losses: (M, 2).

    `low` and `high` are the ends of what a point stands for, empty where it is a single value.
    """

    kimg: np.ndarray
    raw: np.ndarray
    smooth: np.ndarray
    held_out: np.ndarray
    low: np.ndarray
    high: np.ndarray


EMPTY = np.empty(0)
NOTHING = Drawn(EMPTY, EMPTY, EMPTY, np.empty((0, 2)), EMPTY, EMPTY)


class RunLines:
    """Draw curves into a pyqtgraph plot, no further than an axis of heights goes."""

    def __init__(self, plot: Any) -> None:
        self.band = pg.PlotCurveItem(pen=None, fillLevel="enclosed")
        self.raw = pg.PlotCurveItem(connect="finite", antialias=True)
        self.smooth = pg.PlotCurveItem(connect="finite", antialias=True)
        self.held_out = pg.PlotDataItem(connect="finite", antialias=True, symbolSize=4)
        self.clipped = pg.ScatterPlotItem(size=6, pen=None)
        self.checkpoints = pg.ScatterPlotItem(size=7, symbol="t1", pen=None)
        self.resumes = pg.PlotCurveItem(connect="pairs")
        items = (self.band, self.resumes, self.raw, self.smooth, self.held_out, self.clipped,
                 self.checkpoints)  # fmt: skip
        for depth, item in enumerate(items):
            item.setZValue(depth)
            plot.addItem(item, ignoreBounds=True)

    def draw(self, drawn: Drawn, ends: Heights) -> None:
        """Draw curves; `smooth` alone where it is the raw curve."""
        self.raw.setData(drawn.kimg, np.clip(drawn.raw, ends.low, ends.high))
        self.raw.setVisible(drawn.smooth is not drawn.raw)
        self.smooth.setData(drawn.kimg, np.clip(drawn.smooth, ends.low, ends.high))
        self.held_out.setData(drawn.held_out[:, 0], drawn.held_out[:, 1])
        self._draw_band(drawn, ends)
        self._draw_clipped(drawn, ends)

    def draw_places(self, checkpoints: np.ndarray, resumes: np.ndarray, ends: Heights) -> None:
        """Draw a mark at the bottom for every checkpoint and an upright line for every resume."""
        self.checkpoints.setData(checkpoints, np.full(len(checkpoints), ends.floor))
        line = (ends.floor, ends.ceiling)  # one item for all: pyqtgraph crashes on removed ones
        self.resumes.setData(np.repeat(resumes, 2), np.tile(line, len(resumes)))

    def _draw_band(self, drawn: Drawn, ends: Heights) -> None:
        """Draw a line around all values that the points stand for."""
        known = ~np.isnan(drawn.low)
        xs = drawn.kimg[known] if len(drawn.low) else EMPTY
        ys = np.concatenate([drawn.high[known], drawn.low[known][::-1]])
        self.band.setData(np.concatenate([xs, xs[::-1]]), ys.clip(ends.low, ends.high))

    def _draw_clipped(self, drawn: Drawn, ends: Heights) -> None:
        """Mark at the edge what lies beyond it."""
        above, below = drawn.raw > ends.high, drawn.raw < ends.low
        count = int(above.sum()), int(below.sum())
        xs = np.concatenate([drawn.kimg[above], drawn.kimg[below]])
        ys = np.repeat([ends.high, ends.low], count)
        self.clipped.setData(xs, ys, symbol=["t1"] * count[0] + ["t"] * count[1])

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        tokens = current()
        self.raw.setPen(pg.mkPen(ink(tokens.accent, 0.3), width=1))
        self.band.setBrush(ink(tokens.accent, 0.1))
        self.smooth.setPen(pg.mkPen(tokens.accent, width=1.8))
        self.held_out.setPen(pg.mkPen(tokens.noise, width=1.4, style=Qt.PenStyle.DashLine))
        self.held_out.setSymbol("o")
        self.held_out.setSymbolPen(None)
        self.held_out.setSymbolBrush(tokens.noise)
        self.clipped.setBrush(ink(tokens.accent, 0.6))
        self.checkpoints.setBrush(ink(tokens.muted, 0.8))
        self.resumes.setPen(pg.mkPen(ink(tokens.muted, 0.6), width=1, style=Qt.PenStyle.DotLine))
