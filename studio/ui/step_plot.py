"""The plot of what each step did: its local error, and how far it moved the estimate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite, log10
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.ui.ink import ink
from studio.ui.plot_panel import PlotPanel
from studio.ui.quiet_button import QuietButton
from studio.ui.theme import current
from studio.ui.ticks import figure, linear_ticks, log_ticks, step_ticks

_TIP = (
    "Bars: the solver's own estimate of the error it made in the step, for the followed picture.\n"
    "Line: the change of x̂₀ since the step before, root mean square over the picture,\n"
    "to its own scale unless the axis is logarithmic.\n"
    "Click or drag to move the cursor"
)
_WIDE = 1000.0  # values that differ by more are worth a logarithmic axis
_DEEP = 6.0  # decades below the largest value at which that axis ends
_BAR = 0.68  # share of a step's width
_CROWD = 6.0  # pixels per step below which bars touch and the line has no points

Values = Sequence[float | None]


class StepPlot(PlotPanel):
    """Plot the local error of every step as bars and the change of x̂₀ as a line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("step_plot", "PER STEP", parent)
        self.setAccessibleName("step plot")
        self._errors: list[float | None] = []
        self._changes: list[float | None] = []
        self._total = 1
        self._cursor: int | None = None
        self._log = False
        self._lift = 1.0  # heights of the line over its values
        self._floor = 0.0  # the height of the bars' feet
        self._bar = _BAR
        self._crowded = False
        self.plot: Any = pg.PlotWidget()
        self.plot.setToolTip(_TIP)
        self.log_button = QuietButton("step_plot_log", self)
        self.log_button.setCheckable(True)
        self.log_button.setAccessibleName("logarithmic axis")
        self.log_button.setToolTip("Show the values on a logarithmic axis")
        self.log_button.toggled.connect(self.set_log)
        self._empty = QLabel("No steps yet", self.plot)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        QVBoxLayout(self.plot).addWidget(self._empty)
        self._add_items()
        self._frame(self.plot, self.log_button)
        self._restyle()
        self._redraw()

    def _add_items(self) -> None:
        self.column = pg.LinearRegionItem(movable=False)
        self.bars = pg.BarGraphItem(x0=[], y0=[], height=[], width=1.0, pen=None)
        self.marked = pg.BarGraphItem(x0=[], y0=[], height=[], width=1.0, pen=None)
        self.line = pg.PlotDataItem(antialias=True, symbolSize=4)
        for depth, item in enumerate((self.column, self.bars, self.marked, self.line)):
            item.setZValue(depth)
            self.plot.addItem(item, ignoreBounds=True)

    # What is shown

    def set_data(self, errors: Values, changes: Values, total: int | None = None) -> None:
        """Plot one error and one change per step taken; None where a step has none.

        total: how many steps the run will have, to make room for them.
        """
        self._errors = [_sound(value) for value in errors]
        self._changes = [_sound(value) for value in changes]
        self._total = max(total or 0, len(self._errors), len(self._changes), 1)
        self._redraw()

    def set_cursor(self, step: int | None) -> None:
        """Mark the bar of `step`; None marks none."""
        self._cursor = step
        self._mark()
        self._show_readout()

    def set_log(self, log: bool) -> None:
        """Choose a logarithmic axis, or a linear one."""
        self._log = log
        self.log_button.setChecked(log)
        self._redraw()

    @property
    def cursor_step(self) -> int | None:
        """Return the marked step."""
        return self._cursor

    @property
    def is_log(self) -> bool:
        """Say whether the axis is logarithmic."""
        return self._log

    # Drawing

    def _redraw(self) -> None:
        self._rescale()
        steps = [step for step, error in enumerate(self._errors) if error is not None]
        tops = [self._y(error) for error in self._errors if error is not None]
        self.bars.setOpts(
            x0=[step - self._bar / 2 for step in steps],
            y0=[self._floor] * len(steps),
            height=[top - self._floor for top in tops],
            width=self._bar,
        )
        moves = [(step, change) for step, change in enumerate(self._changes) if change is not None]
        self.line.setData(
            [step for step, _ in moves], [self._y(change * self._lift) for _, change in moves]
        )
        self.log_button.set_text("log" if self._log or self._is_wide() else "")
        self._empty.setVisible(not (self._errors or self._changes))
        self._mark()
        self._show_readout()

    def _mark(self) -> None:
        """Light the column of the cursor and its bar."""
        step = self._cursor
        shown = step is not None and bool(self._errors or self._changes)
        self.column.setVisible(shown)
        if step is not None:
            self.column.setRegion((step - 0.5, step + 0.5))
        error = _at(self._errors, step)
        bar = [] if error is None or step is None else [(step - self._bar / 2, self._y(error))]
        self.marked.setOpts(
            x0=[left for left, _ in bar],
            y0=[self._floor] * len(bar),
            height=[top - self._floor for _, top in bar],
            width=self._bar,
        )

    def _rescale(self) -> None:
        """Choose the heights: on a linear axis both series reach the top, each to its own scale."""
        errors, changes = _positive(self._errors), _positive(self._changes)
        own = bool(errors and changes) and not self._log
        self._lift = max(errors) / max(changes) if own else 1.0
        values = errors if own else errors + changes
        high = max(values, default=1.0)
        top = log10(high) if self._log else high
        deepest = max(log10(min(values, default=0.1)), log10(high) - _DEEP) - 0.15
        self._floor = deepest if self._log else 0.0
        height = top - self._floor
        self.plot.getPlotItem().getViewBox().setRange(
            xRange=(-0.75, self._total - 0.25),
            yRange=(self._floor - 0.02 * height, top + 0.08 * height),
            padding=0,
        )
        self._mark_axes(top, bool(values))

    def _mark_axes(self, top: float, shown: bool) -> None:
        room = self.plot.getPlotItem().getViewBox().size()
        rows = max(2, min(5, int(room.height() // 24)))
        marks = log_ticks(self._floor, top, rows) if self._log else linear_ticks(top, rows)
        self.plot.getAxis("left").setTicks([marks if shown else []])
        steps = step_ticks(self._total, int(room.width() // 40))
        self.plot.getAxis("bottom").setTicks([steps if shown else []])
        self._crowded = bool(room.width() < _CROWD * self._total)
        self._bar = 1.0 if self._crowded else _BAR
        self._dress_line()

    def _y(self, value: float) -> float:
        if not self._log:
            return value
        return max(self._floor, log10(value)) if value > 0 else self._floor

    def _is_wide(self) -> bool:
        values = _positive(self._errors, self._changes)
        return bool(values) and max(values) > _WIDE * min(values)

    def _step_at(self, point: QPointF) -> int | None:
        count = max(len(self._errors), len(self._changes))
        if not count:
            return None
        scene = self.plot.mapToScene(point.toPoint())
        x = self.plot.getPlotItem().getViewBox().mapSceneToView(scene).x()
        return int(max(0, min(count - 1, round(x))))

    # Looks

    def _show_hovered(self) -> None:
        self._show_readout()

    def _show_readout(self) -> None:
        """Name the two series, or give their values in the step under the mouse."""
        tokens = current()
        error, change, lead = "local error", "Δx̂₀", ""
        if self._hovered is not None:
            error, change = (
                "–" if value is None else figure(value)
                for value in (_at(self._errors, self._hovered), _at(self._changes, self._hovered))
            )
            lead = f"step {self._hovered + 1} · "
        self.readout.setText(
            f'{lead}<span style="color:{tokens.noise}">{error}</span> · '
            f'<span style="color:{tokens.accent}">{change}</span>'
        )

    def _restyle(self) -> None:
        tokens = current()
        self._dress(self.plot)
        self.column.setBrush(ink(tokens.text, 0.05))
        for edge in self.column.lines:
            edge.setPen(None)
        self.bars.setOpts(brush=ink(tokens.noise, 0.85))
        self.marked.setOpts(brush=tokens.text)
        self._dress_line()
        self._show_readout()

    def _dress_line(self) -> None:
        """Draw a crowded line thin and without points: a wide one of 256 steps takes 20 ms."""
        accent = current().accent
        self.line.setPen(pg.mkPen(accent, width=1 if self._crowded else 1.5))
        self.line.setSymbol(None if self._crowded else "o")
        self.line.setSymbolBrush(accent)
        self.line.setSymbolPen(None)


def _sound(value: float | None) -> float | None:
    """Turn what cannot be drawn into a gap."""
    return value if value is not None and isfinite(value) and value >= 0 else None


def _positive(*series: Iterable[float | None]) -> list[float]:
    return [value for values in series for value in values if value]


def _at(values: list[float | None], step: int | None) -> float | None:
    return values[step] if step is not None and 0 <= step < len(values) else None
