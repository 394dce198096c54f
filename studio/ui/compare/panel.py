"""The left side of the Compare tab: what is compared, what it costs, Compare and Stop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.diffusion import SAMPLERS, SCHEDULES, Spec
from studio.engine.cells import Outlook
from studio.library.comparison import FITTED, REFERENCES, parse_budgets
from studio.models import ModelInfo
from studio.session.comparing import Choice as Chosen
from studio.ui.choice import Choice
from studio.ui.compare.check_list import CheckList
from studio.ui.compare.parts import (
    StartStop,
    heading,
    inset,
    line,
    mode_switch,
    plural,
    read_line,
)
from studio.ui.model_card import facts
from studio.ui.restyle import set_style_property
from studio.ui.seeds import format_seeds, parse_seeds
from studio.ui.status_text import duration
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

_FITTED = Spec(
    id=FITTED,
    label="Fitted to this model",
    family="This model",
    source="A curve of ln σ, fitted against a fine reference",
    help="A list of σ for each solver and cost whose end points come nearest to the reference. It "
    "is fitted once, judged on other noise, and kept with the model.",
    run=tuple,
)
_NFE_TIP = (
    "Network evaluations that a picture may take. Each solver takes as many steps as fit, so that "
    "costs are equal, not steps."
)
_SEEDS_TIP = "Every cell starts from the noise of these seeds: 0-15, or 1, 4, 9"
_REFERENCE_TIP = (
    "What counts as exact: the error of a cell is the root mean square distance of its end points "
    "from those of this solver, in units of the data (pictures go from -1 to 1)"
)
_BASE_TIP = "Class, guidance, σ range and the knobs of the current sampler are those of Sample."


class ComparePanel(QWidget):
    """Choose solvers, schedules, costs and seeds."""

    chosen = Signal(str, object)  # field of the choice, value
    compare_pressed = Signal()
    stop_pressed = Signal()
    mode_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = QLabel()
        self.model_facts = QLabel()
        self.model_facts.setProperty("role", "mono")
        self.solvers = CheckList("compare_samplers", "solvers", SAMPLERS)
        self.schedules = CheckList("compare_schedules", "schedules", {FITTED: _FITTED, **SCHEDULES})
        self.nfe = line("compare_nfe", "NFE", _NFE_TIP)
        self.seeds = line("compare_seeds", "seeds", _SEEDS_TIP)
        self.reference = Choice("compare_reference", "reference", _REFERENCE_TIP)
        for id, reference in REFERENCES.items():
            self.reference.add_choice(id, reference.label)
        self.cost = QLabel(wordWrap=True)
        self.cost.setProperty("role", "mono")
        self.cost.setToolTip(wrapped(_BASE_TIP))
        tip = "Make the cells that are not there yet (Ctrl+Enter)"
        self._buttons = StartStop("Compare", "compare", "comparing", tip)
        self.compare, self.stop = self._buttons.start, self._buttons.stop
        self.mode = mode_switch("solvers")
        self._counts = (QLabel(), QLabel())
        self._to_do = True
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 12)
        column.setSpacing(4)
        column.addLayout(inset(self.mode))
        column.addSpacing(6)
        for widget in (heading("MODEL"), self.model, self.model_facts):
            column.addLayout(inset(widget))
        column.addSpacing(6)
        column.addLayout(inset(heading("SOLVERS"), self._counts[0]))
        column.addWidget(self.solvers, 3)
        column.addSpacing(6)
        column.addLayout(inset(heading("SCHEDULES"), self._counts[1]))
        column.addWidget(self.schedules, 2)
        column.addSpacing(6)
        column.addLayout(inset(heading("BUDGET")))
        grid = QGridLayout()
        grid.setContentsMargins(12, 0, 12, 0)
        grid.setSpacing(4)
        grid.setColumnMinimumWidth(0, scaled(92))
        fields = (("NFE", self.nfe), ("Seeds", self.seeds), ("Reference", self.reference))
        for row, (text, field) in enumerate(fields):
            label = QLabel(text)
            label.setProperty("role", "label")
            label.setToolTip(field.toolTip())
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        column.addLayout(grid)
        column.addLayout(inset(self.cost))
        column.addWidget(self._buttons)

    def _connect(self) -> None:
        self.solvers.changed.connect(lambda: self.chosen.emit("samplers", self.solvers.checked()))
        self.schedules.changed.connect(
            lambda: self.chosen.emit("schedules", self.schedules.checked())
        )
        self.nfe.editingFinished.connect(lambda: self._take(self.nfe, "budgets", parse_budgets))
        self.seeds.editingFinished.connect(lambda: self._take(self.seeds, "seeds", parse_seeds))
        self.reference.activated.connect(
            lambda _index: self.chosen.emit("reference", self.reference.currentData())
        )
        self.mode.chosen.connect(self.mode_chosen)
        self.compare.clicked.connect(self.compare_pressed)
        self.stop.clicked.connect(self.stop_pressed)

    def show_model(self, info: ModelInfo | None) -> None:
        """Show the open model."""
        self.model.setText(info.name if info else "No model is open")
        self.model_facts.setText(facts(info)[0] if info else "Open one in the Sample tab.")

    def show_choice(self, choice: Chosen) -> None:
        """Show what is chosen; a field that is being typed in is left alone."""
        self.solvers.set_checked(choice.samplers)
        self.schedules.set_checked(choice.schedules)
        counts = (len(choice.samplers), len(choice.schedules))
        for label, count, known in zip(self._counts, counts, (SAMPLERS, SCHEDULES), strict=True):
            label.setProperty("role", "mono")
            label.setText(f"{count} of {len(known) + (known is SCHEDULES)}")
        for field, text in (
            (self.nfe, " ".join(str(nfe) for nfe in choice.budgets)),
            (self.seeds, format_seeds(choice.seeds)),
        ):
            if not field.hasFocus() and not field.property("error"):
                field.setText(text)
        self.reference.choose(choice.reference)

    def show_cost(self, outlook: Outlook | None, seconds: float | None) -> None:
        """Show what is left to do and how long that takes, if that is known."""
        set_style_property(self.cost, "role", "mono")
        self._to_do = outlook is None or outlook.cells > 0
        if outlook is None:
            self.cost.setText("")
        elif not outlook.cells:
            self.cost.setText("Every cell is there.")
        else:
            parts = [plural(outlook.cells, "cell"), f"{outlook.calls:,} NFE"]
            if outlook.fits:
                parts.append(plural(outlook.fits, "fit"))
            if seconds is not None:
                parts.append(f"about {duration(seconds)}")
            self.cost.setText(" · ".join(parts))

    def show_state(self, problem: str, running: bool) -> None:
        """Enable Compare where `problem` is empty, and Stop while it runs."""
        problem = problem or self.problem
        self._buttons.show_state(problem, running=running, to_do=self._to_do)
        for widget in (self.solvers, self.schedules, self.nfe, self.seeds, self.reference):
            widget.setEnabled(not running)
        if problem:
            set_style_property(self.cost, "role", "error")
            self.cost.setText(problem)

    @property
    def problem(self) -> str:
        """Return why what is typed cannot be taken, or nothing."""
        return str(self.nfe.property("problem") or self.seeds.property("problem") or "")

    def _take(self, field: QLineEdit, name: str, parse: Callable[[str], tuple[int, ...]]) -> None:
        value = read_line(field, parse)
        if not value:
            self.show_state(self.problem, running=False)
        else:
            self.chosen.emit(name, value)
