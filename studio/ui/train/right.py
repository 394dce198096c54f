"""The right side of the tab: figures, recipe, what can be done with the model, and the log."""

from __future__ import annotations

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from studio.session.training.desk import TrainingDesk
from studio.session.training.facts import NOW, RECIPE, now_facts, recipe_facts
from studio.session.training.words import trouble
from studio.ui.compare.parts import heading
from studio.ui.recipe_section import Remark
from studio.ui.theme import scaled
from studio.ui.tip import wrapped
from studio.ui.train.facts import Facts
from studio.ui.train.log_view import LogView

_NARROWEST = 248
_TIPS = {
    "sample": "Draw the fixed seeds with the weights as they are now.",
    "save": "Write a checkpoint now.",
    "open": "Open the newest checkpoint in the Sample tab; the run goes on.",
    "compare": "Sample the same seeds from what it began with and from the newest checkpoint, and "
    "put them beside each other in the Sample tab.",
}
_NO_CHECKPOINT = "There is no checkpoint yet: press Save now, or wait for the first."
_WORDS = {"sample": ("Sample now", "Sampling…"), "save": ("Save now", "Saving…")}
_WAITS = "It is being done."
_NOT_TRAINING = "No trainer is at work: press Start."


class Right(QWidget):
    """Show how the chosen run goes, and ask for more."""

    edit_wanted = Signal()
    sample_wanted = Signal()
    save_wanted = Signal()
    open_wanted = Signal()
    compare_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(scaled(_NARROWEST))
        self.now, self.recipe = Facts("now", NOW), Facts("recipe", RECIPE)
        self._last = 0.0  # when the run has last said something
        self._waiting: dict[QPushButton, float] = {}  # since when it was silent
        self.log = LogView()
        self.remark = Remark("error")
        self.edit = QPushButton("Edit copy")
        self.edit.setObjectName("edit_copy")
        self.edit.setAccessibleName("edit a copy")
        self.edit.setProperty("kind", "link")
        self.edit.setToolTip(wrapped("Begin a new run with the settings of this one, changed."))
        self.sample = _button("Sample now", "sample_now")
        self.save = _button("Save now", "save_now")
        self.open = _button("Open as model", "open_as_model", "primary")
        self.compare = _button("Compare with base", "compare_with_base")
        self.sample.clicked.connect(lambda: self._ask(self.sample, self.sample_wanted))
        self.save.clicked.connect(lambda: self._ask(self.save, self.save_wanted))
        for button, signal in (
            (self.edit, self.edit_wanted),
            (self.open, self.open_wanted),
            (self.compare, self.compare_wanted),
        ):
            button.clicked.connect(signal)
        self._lay_out()

    def _lay_out(self) -> None:
        buttons = QGridLayout()
        buttons.setContentsMargins(scaled(12), scaled(8), scaled(12), scaled(4))
        buttons.setSpacing(scaled(8))
        for place, each in enumerate((self.sample, self.save, self.open, self.compare)):
            buttons.addWidget(each, *divmod(place, 2))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, scaled(10), 0, scaled(8))
        column.setSpacing(scaled(6))
        column.addLayout(_head(heading("NOW")))
        column.addWidget(self.now)
        column.addSpacing(scaled(8))
        column.addLayout(_head(heading("RECIPE"), self.edit))
        column.addWidget(self.recipe)
        column.addLayout(buttons)
        column.addWidget(self.remark)
        column.addSpacing(scaled(4))
        column.addLayout(_head(heading("LOG")))
        log = QHBoxLayout()
        log.setContentsMargins(scaled(12), 0, scaled(4), 0)
        log.addWidget(self.log)
        column.addLayout(log, 1)

    def show_desk(self, desk: TrainingDesk) -> None:
        """Show how the chosen run goes."""
        standing, details = desk.standing, desk.details
        self.now.show_facts(now_facts(standing, details) if standing else {})
        settings = details.settings if details else None
        self.recipe.show_facts(recipe_facts(settings, standing) if settings else {})
        self.remark.say(trouble(standing) if standing else "")
        self.log.show_lines(details.lines if details else ())
        self._last = details.lines[-1].time if details and details.lines else 0.0
        at_work = standing is not None and standing.state in ("running", "paused")
        saved = details is not None and details.checkpoint is not None
        based = settings is not None and bool(settings.network.init)
        for each, name in ((self.sample, "sample"), (self.save, "save")):
            if not at_work or self._waiting.get(each, self._last) != self._last:
                self._waiting.pop(each, None)
            waits = each in self._waiting
            each.setText(_WORDS[name][waits])
            self._enable(each, name, _NOT_TRAINING if not at_work else _WAITS if waits else "")
        self._enable(self.open, "open", "" if saved else _NO_CHECKPOINT)
        nothing = "It began from nothing, so that there is nothing to compare with."
        why = _NO_CHECKPOINT if not saved else "" if based else nothing
        self._enable(self.compare, "compare", why)
        self.edit.setEnabled(details is not None)

    def _ask(self, button: QPushButton, signal: SignalInstance) -> None:
        """Ask for something that the run does between two steps, once."""
        self._waiting[button] = self._last
        button.setEnabled(False)
        signal.emit()

    def _enable(self, button: QPushButton, name: str, problem: str) -> None:
        button.setEnabled(not problem)
        button.setToolTip(wrapped(_TIPS[name], problem))


def _head(title: QWidget, button: QWidget | None = None) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(scaled(12), 0, scaled(8), 0)
    row.addWidget(title, 1)
    if button is not None:
        row.addWidget(button)
    return row


def _button(text: str, name: str, kind: str = "strong") -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setProperty("kind", kind)
    button.setFixedHeight(scaled(28))
    return button
