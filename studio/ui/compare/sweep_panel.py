"""The left side of the Sweep page: what it stands on, axes, measure, seeds, Start and Stop."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.diffusion import SAMPLERS, SCHEDULES
from studio.engine.forecast import Forecast
from studio.library import Recipe
from studio.library.sweeps import FIELDS, METRICS, swept_knobs
from studio.models import ModelInfo
from studio.session.sweep_view import SweepChoice
from studio.ui.choice import Choice
from studio.ui.compare.axis_row import AxisRow
from studio.ui.compare.parts import (
    StartStop,
    heading,
    inset,
    line,
    mode_switch,
    plural,
    read_line,
)
from studio.ui.elided_label import ElidedLabel
from studio.ui.icon_button import IconButton
from studio.ui.quiet_button import QuietButton
from studio.ui.restyle import set_style_property
from studio.ui.seeds import format_seeds, parse_seeds
from studio.ui.status_text import duration
from studio.ui.switch import Switch
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

_NARROWEST = 264
_SEEDS_TIP = "Every cell starts from the noise of these seeds: 0-15, or 1, 4, 9"
_BASE_TIP = "All that is not on an axis is as in this recipe, which is that of the Sample tab."
_KEEP_TIP = (
    "Keep the steps of every cell, so that it can be scrubbed and branched at once. Without them a "
    "cell still opens with its pictures. Cells of more than 64 pictures are kept without."
)
_AGAINST_TIP = (
    "The set of pictures that cells are measured against: a folder, zip or npz. Left empty it is "
    "the model's own, or the bundled one of the same picture size."
)
_METRIC_TIP = "What colours the cells; the least is the best and is marked"


class SweepPanel(QWidget):
    """Choose up to three axes, a measure and seeds."""

    chosen = Signal(str, object)  # field of the choice, value
    start_pressed = Signal()
    stop_pressed = Signal()
    unpin_pressed = Signal()
    mode_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mode = mode_switch("sweep")
        self.base = ElidedLabel()
        self.base.setObjectName("sweep_base")
        self.base.setProperty("role", "mono")
        self.unpin = QuietButton("sweep_unpin", self)
        self.unpin.setAccessibleName("use the recipe of the Sample tab")
        self.unpin.setToolTip("Let the sweep stand on the recipe of the Sample tab as it is now")
        self.model = ElidedLabel()
        self.rows = tuple(AxisRow(number) for number in range(3))
        self.measure = Choice("sweep_metric", "measure", _METRIC_TIP)
        self.measure.add_choice("", "None", "No colours")
        for metric in METRICS.values():
            self.measure.add_choice(metric.id, metric.label, wrapped(metric.help))
        self.against = line("sweep_against", "set of pictures", _AGAINST_TIP)
        self.browse = IconButton(
            "folder", "choose the set of pictures", "Choose a folder of pictures"
        )
        self.browse.setObjectName("sweep_browse")
        self.seeds = line("sweep_seeds", "seeds of the sweep", _SEEDS_TIP)
        self.keep = Switch("sweep_keep_steps", "Keep steps", _KEEP_TIP)
        self.cost = QLabel(wordWrap=True)
        self.cost.setObjectName("sweep_cost")
        self.cost.setProperty("role", "mono")
        tip = "Make the cells that are not there yet, each a take (Ctrl+Enter)"
        self._buttons = StartStop("Sweep", "sweep", "sweeping", tip)
        self.start, self.stop = self._buttons.start, self._buttons.stop
        self._to_do = True
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 10, 0, 4)
        column.setSpacing(4)
        column.addLayout(inset(self.mode))
        column.addSpacing(6)
        column.addLayout(inset(heading("STANDS ON"), self.unpin))
        for widget in (self.model, self.base):
            column.addLayout(inset(widget))
        column.addSpacing(6)
        column.addLayout(inset(heading("AXES")))
        for row in self.rows:
            column.addWidget(row)
        column.addSpacing(2)
        column.addLayout(inset(heading("CELLS")))
        column.addLayout(self._fields())
        column.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        self.setMinimumWidth(scaled(_NARROWEST))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 12)
        whole.setSpacing(4)
        whole.addWidget(scroll, 1)
        whole.addLayout(inset(self.cost))
        whole.addWidget(self._buttons)

    def _fields(self) -> QGridLayout:
        against = QHBoxLayout()
        against.setSpacing(4)
        against.addWidget(self.against, 1)
        against.addWidget(self.browse)
        grid = QGridLayout()
        grid.setContentsMargins(12, 0, 12, 0)
        grid.setSpacing(4)
        grid.setColumnMinimumWidth(0, scaled(92))
        grid.setColumnStretch(1, 1)
        self._against_label = QLabel("Against")
        labels = (QLabel("Measure"), self._against_label, QLabel("Seeds"), QLabel("Keep steps"))
        tips = (_METRIC_TIP, _AGAINST_TIP, _SEEDS_TIP, _KEEP_TIP)
        for place, (label, tip) in enumerate(zip(labels, tips, strict=True)):
            label.setProperty("role", "label")
            label.setToolTip(wrapped(tip))
            grid.addWidget(label, place, 0)
        grid.addWidget(self.measure, 0, 1)
        grid.addLayout(against, 1, 1)
        grid.addWidget(self.seeds, 2, 1)
        grid.addWidget(self.keep, 3, 1)
        return grid

    def _connect(self) -> None:
        for row in self.rows:
            row.changed.connect(self._on_axis_changed)
        self.mode.chosen.connect(self.mode_chosen)
        self.unpin.clicked.connect(self.unpin_pressed)
        self.measure.activated.connect(
            lambda _index: self.chosen.emit("metric", self.measure.currentData())
        )
        self.against.editingFinished.connect(
            lambda: self.chosen.emit("against", self.against.text().strip())
        )
        self.browse.clicked.connect(self._on_browse)
        self.seeds.editingFinished.connect(self._on_seeds)
        self.keep.toggled.connect(lambda on: self.chosen.emit("keep_steps", on))
        self.start.clicked.connect(self.start_pressed)
        self.stop.clicked.connect(self.stop_pressed)

    def show_base(self, recipe: Recipe, info: ModelInfo | None, *, pinned: bool) -> None:
        """Show what the sweep stands on."""
        name = recipe.model.name or (info.name if info else "")
        self.model.setText(name or "No model is open")
        self.base.setText(recipe.summary())
        tip = "It stays as it was when the sweep was opened." if pinned else _BASE_TIP
        self.base.setToolTip(wrapped(tip))
        self.unpin.set_text("use Sample's" if pinned else "")

    def show_choice(
        self,
        choice: SweepChoice,
        recipe: Recipe,
        info: ModelInfo | None,
        models: Sequence[tuple[str, str]],
        against: str,
    ) -> None:
        """Show what is chosen; a field that is being typed in is left alone.

        models: (path, name) of those at hand; against: the set of pictures where none is chosen.
        """
        by_field = {axis.field: axis.values for axis in choice.axes}
        samplers = [recipe.sampler, *map(str, by_field.get("sampler", ()))]
        schedules = [recipe.schedule, *map(str, by_field.get("schedule", ()))]
        fields = {**FIELDS, **swept_knobs(samplers, schedules)}
        every = swept_knobs(SAMPLERS, SCHEDULES)
        fields |= {id: every[id] for id in by_field if id in every}
        classes = info.classes if info else ()
        if not any(row.problem for row in self.rows):
            for number, row in enumerate(self.rows):
                axis = choice.axes[number] if number < len(choice.axes) else None
                row.show_axis(axis, fields, classes, models)
                row.setVisible(number <= len(choice.axes))
        self.measure.choose(choice.metric)
        frechet = choice.metric == "frechet"
        for widget in (self.against, self.browse, self._against_label):
            widget.setVisible(frechet)
        if not self.against.hasFocus():
            self.against.setText(choice.against)
        own = info is not None and info.reproduces
        self.against.setPlaceholderText(
            "the model's own set" if own else Path(against).stem or "a set of pictures"
        )
        if not self.seeds.hasFocus() and not self.seeds.property("error"):
            self.seeds.setText(format_seeds(choice.seeds))
        self.keep.blockSignals(True)
        self.keep.setChecked(choice.keep_steps)
        self.keep.blockSignals(False)

    def show_cost(self, ahead: Forecast | None, seconds: float | None) -> None:
        """Show what is left to do and how long that takes, if that is known."""
        set_style_property(self.cost, "role", "mono")
        self._to_do = ahead is None or bool(ahead.cells or ahead.unmeasured)
        self.cost.setText("" if ahead is None else cost_text(ahead, seconds))

    def show_state(self, problem: str, running: bool) -> None:
        """Enable Sweep where `problem` is empty, and Stop while it runs."""
        problem = self.problem or problem
        self._buttons.show_state(problem, running=running, to_do=self._to_do)
        changeable = (*self.rows, self.against, self.browse, self.seeds, self.keep, self.measure)
        for widget in (*changeable, self.unpin):
            widget.setEnabled(not running)
        if problem:
            set_style_property(self.cost, "role", "error")
            self.cost.setText(problem)

    @property
    def problem(self) -> str:
        """Return why what is typed cannot be taken, or nothing."""
        rows = next((row.problem for row in self.rows if row.problem), "")
        return rows or str(self.seeds.property("problem") or "")

    def _on_axis_changed(self) -> None:
        if self.problem:
            self.show_state(self.problem, running=False)
        else:
            self.chosen.emit("axes", tuple(row.axis for row in self.rows if row.axis))

    def _on_seeds(self) -> None:
        value = read_line(self.seeds, parse_seeds)
        if value:
            self.chosen.emit("seeds", value)
        else:
            self.show_state(self.problem, running=False)

    def _on_browse(self) -> None:
        start = str(Path(self.against.text()).parent) if self.against.text() else ""
        path = QFileDialog.getExistingDirectory(self, "Measure against these pictures", start)
        if path:
            self.against.setText(path)
            self.chosen.emit("against", path)


def cost_text(ahead: Forecast, seconds: float | None) -> str:
    """Return “27 cells · 432 pictures · 1,890 NFE · about 2 min · 90 MB”."""
    refused = f"{plural(len(ahead.problems), 'cell')} cannot be made." if ahead.problems else ""
    if not ahead.cells and not ahead.unmeasured:
        return refused or "Every cell is there."
    parts = [plural(ahead.cells, "cell")] if ahead.cells else []
    parts += [plural(ahead.pictures, "picture")] if ahead.cells else []
    parts += [f"{ahead.unmeasured:,} to measure"] if ahead.unmeasured else []
    parts += [f"{ahead.nfe:,} NFE"] if ahead.nfe else []
    parts += [f"about {duration(seconds)}"] if seconds else []
    parts += [f"{ahead.bytes / 1e6:,.0f} MB"] if ahead.bytes > 5e5 else []
    return f"{' · '.join(parts)}. {refused}" if refused else " · ".join(parts)
