"""The plot of what each step did: its error and change as bars, or another measure as lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite, log10
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.session.reading.figures import MEASURES, Measure
from studio.ui.ink import ink
from studio.ui.measure_button import MeasureButton
from studio.ui.plot_panel import PlotPanel
from studio.ui.quiet_button import QuietButton
from studio.ui.step_lines import Lines, StepLines
from studio.ui.theme import current
from studio.ui.ticks import Tick, figure, linear_ticks, log_ticks, range_ticks, step_ticks

_HINT = (
    "\n\nBright: the followed picture. Faint: the others, up to 64. Dotted: the mean of all.\n"
    "Rest the mouse on a step to look at it, click to stay there"
)
_WIDE = 1000.0  # values that differ by more are worth a logarithmic axis
_DEEP = 6.0  # decades below the largest value at which that axis ends
_BAR = 0.68  # share of a step's width
_CROWD = 6.0  # pixels per step below which bars touch and the line has no points

Values = Sequence[float | None]


class StepPlot(PlotPanel):
    """Plot local error as bars and change of x̂₀ as a line, or another measure, a line each."""

    measure_chosen = Signal(str)
    """The person chose another measure: its id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("step_plot", "", parent)
        self._title.hide()
        self.measure = MEASURES["error"]
        self.picker = MeasureButton(MEASURES.values(), self)
        self.picker.chosen.connect(self.measure_chosen)
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
        self._top.insertWidget(0, self.picker)
        self._show_measure()
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
        self.lines = StepLines(self.plot)

    # What is shown

    def set_measure(self, measure: Measure) -> None:
        """Show another measure; its values come with `set_data` or `set_lines`."""
        if measure is not self.measure:
            self.measure = measure
            self._errors, self._changes = [], []
            self.lines.clear()
            self._show_measure()
            self._redraw()

    def _show_measure(self) -> None:
        self.picker.show_measure(self.measure)
        self.plot.setToolTip(
            f"{self.measure.label}: {self.measure.sign}\n{self.measure.tip}{_HINT}"
        )

    def set_lines(
        self,
        values: Lines,
        followed: int,
        expected: tuple[float, float, float] | None = None,
        total: int | None = None,
    ) -> None:
        """Plot values (steps, B), a line for each picture, NaN where a step has none.

        expected: low, middle and high of what they should be; total: as in `set_data`.
        """
        self.lines.set_values(values, followed, expected)
        self._total = max(total or 0, len(values), 1)
        self._redraw()

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
        self.lines.draw(log=self._is_log, floor=self._floor, crowded=self._crowded)
        self.log_button.set_text("log" if self._is_log or self._is_wide() else "")
        self._empty.setText("No steps yet" if self.measure.id == "error" else "Reading the steps…")
        self._empty.setVisible(not self._count)
        self._mark()
        self._show_readout()

    def _mark(self) -> None:
        """Light the column of the cursor and its bar."""
        step = self._cursor
        shown = step is not None and bool(self._count)
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
        if self.measure.id != "error":
            self._rescale_lines()
            return
        errors, changes = _positive(self._errors), _positive(self._changes)
        own = bool(errors and changes) and not self._log
        self._lift = max(errors) / max(changes) if own else 1.0
        values = errors if own else errors + changes
        high = max(values, default=1.0)
        top = log10(high) if self._log else high
        deepest = max(log10(min(values, default=0.1)), log10(high) - _DEEP) - 0.15
        self._floor = deepest if self._log else 0.0
        self._show_range(self._floor, top)
        rows = self._rows
        marks = log_ticks(self._floor, top, rows) if self._log else linear_ticks(top, rows)
        self._mark_axes(marks if values else [])

    def _rescale_lines(self) -> None:
        """Choose the heights: a bounded measure shows its bound, an expected one its band."""
        values, measure = self.lines.shown(), self.measure
        known = [*values.tolist(), *(self.lines.expected or ())]
        low, high = min(known, default=0.0), max(known, default=1.0)
        if self._is_log:
            positive = [value for value in known if value > 0] or [0.1]
            high = log10(max(positive))
            low = max(log10(min(positive)), high - _DEEP)
        elif measure.low is not None:
            low = measure.low
        if measure.high is not None:
            high = measure.high
        gap = max(high - low, 1e-3 * max(abs(high), 1e-3))
        self._lift, self._floor = 1.0, low
        self._show_range(high - gap, high)
        ticks = log_ticks if self._is_log else range_ticks
        marks = ticks(high - gap - 0.02 * gap, high + 0.08 * gap, self._rows)
        self._mark_axes(marks if len(values) else [])

    def _show_range(self, low: float, high: float) -> None:
        height = high - low
        self.plot.getPlotItem().getViewBox().setRange(
            xRange=(-0.75, self._total - 0.25),
            yRange=(low - 0.02 * height, high + 0.08 * height),
            padding=0,
        )

    @property
    def _rows(self) -> int:
        """Return how many marks the vertical axis has room for."""
        room = self.plot.getPlotItem().getViewBox().size()
        return max(2, min(5, int(room.height() // 24)))

    def _mark_axes(self, marks: list[Tick]) -> None:
        room = self.plot.getPlotItem().getViewBox().size()
        self.plot.getAxis("left").setTicks([marks])
        steps = step_ticks(self._total, int(room.width() // 40))
        named = len(steps) // 2  # the first would not fit into the corner
        steps[named] = (steps[named][0], f"step {steps[named][1]}")
        self.plot.getAxis("bottom").setTicks([steps if marks else []])
        self._crowded = bool(room.width() < _CROWD * self._total)
        self._bar = 1.0 if self._crowded else _BAR
        self._dress_line()

    def _y(self, value: float) -> float:
        if not self._log:
            return value
        return max(self._floor, log10(value)) if value > 0 else self._floor

    @property
    def _is_log(self) -> bool:
        return self._log and self.measure.log

    @property
    def _count(self) -> int:
        """Return how many steps have values."""
        return max(len(self._errors), len(self._changes), len(self.lines.values))

    def _is_wide(self) -> bool:
        values = _positive(self._errors, self._changes)
        if self.measure.log:
            values += [value for value in self.lines.shown().tolist() if value > 0]
        return bool(values) and max(values) > _WIDE * min(values)

    def _step_at(self, point: QPointF) -> int | None:
        count = self._count
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
        if self.measure.id != "error":
            self.readout.setText(self._line_said())
            return
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

    def _line_said(self) -> str:
        """Return the formula, or the values in the step under the mouse or the cursor."""
        step = self._hovered
        if step is None:
            return self.measure.sign
        own, mean = self.lines.own(step), self.lines.mean_at(step)
        said = "–" if own is None else figure(own)
        among = "" if mean is None else f" · mean {figure(mean)}"
        return f'step {step + 1} · <span style="color:{current().accent}">{said}</span>{among}'

    def _restyle(self) -> None:
        tokens = current()
        self._dress(self.plot)
        self.lines.restyle()
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
