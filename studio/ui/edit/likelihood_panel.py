"""The left side of the Likelihood page: the pictures, how they are measured, Measure and Stop."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from studio.diffusion import Knob, Value
from studio.session.editing.likelihood_knobs import BOUND, CHAIN, ODE
from studio.ui.compare.parts import heading
from studio.ui.edit.label_row import LabelRow
from studio.ui.edit.side_panel import SidePanel
from studio.ui.edit.task_row import LIKELIHOOD
from studio.ui.knob_row import SwitchRow
from studio.ui.knob_stack import KnobStack
from studio.ui.section import Section
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

_TIP = "Measure the pictures that have no figures yet (Ctrl+Enter)"
_LABEL_TIP = (
    "Measure p(x | class) instead of p(x): for one class, or for the class that each picture has "
    "in its own set."
)


class LikelihoodPanel(SidePanel):
    """Choose what is measured, and how."""

    chosen = Signal(str, object)  # a setting: its id and value
    files_wanted = Signal()
    folder_wanted = Signal()
    take_wanted = Signal()
    clear_pressed = Signal()

    def __init__(self) -> None:
        super().__init__(LIKELIHOOD, "Measure", "measure", "measuring", _TIP)
        self.add_button = _button("Add…", "likelihood_add", "Add pictures to the list")
        self.clear_button = _button("Clear", "likelihood_clear", "Take all pictures off the list")
        self.ode, self.chain = _stack(ODE), _stack(CHAIN)
        self.bound = SwitchRow(BOUND)
        self.label = LabelRow("likelihood_label", "Class", _LABEL_TIP, own="each its own")
        self.take_words = ""
        pictures = _Pictures(self.add_button, self.clear_button)
        exact, bound = Section("Along the flow"), Section("Variational bound")
        exact.add(self.label)
        exact.add(self.ode)
        bound.add(self.bound)
        bound.add(self.chain)
        for part in (pictures, exact, bound):
            self.add(part)
        self.add_button.clicked.connect(self._show_menu)
        self.clear_button.clicked.connect(self.clear_pressed)
        for signal in (self.ode.changed, self.bound.changed, self.chain.changed):
            signal.connect(self.chosen)
        self.label.changed.connect(lambda _id, value: self.chosen.emit("label", value))

    def show_values(self, values: Mapping[str, Value], label: int) -> None:
        """Show the settings without a signal."""
        self.ode.show_values(values)
        self.chain.show_values(values)
        self.bound.set_value(values[BOUND.id])
        self.chain.setEnabled(bool(values[BOUND.id]))
        self.label.set_value(label)

    def show_list(self, count: int, *, running: bool) -> None:
        """Let the list be added to and cleared where that makes sense."""
        self.add_button.setEnabled(not running)
        self.clear_button.setEnabled(bool(count) and not running)

    def offer(self, take: str) -> None:
        """Set what the menu calls the pictures of the take that is shown; empty: there are none."""
        self.take_words = take

    def menu(self) -> QMenu:
        """Return where pictures can be added from."""
        menu = QMenu(self)
        menu.addAction("Pictures, or a data set…", self.files_wanted.emit)
        menu.addAction("A folder of pictures…", self.folder_wanted.emit)
        menu.addSeparator()
        take = menu.addAction(self.take_words or "The take that is shown", self.take_wanted.emit)
        take.setEnabled(bool(self.take_words))
        return menu

    def _show_menu(self) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.add_button.mapToGlobal(self.add_button.rect().bottomLeft()))


class _Pictures(QWidget):
    """The heading of the list, and its buttons."""

    def __init__(self, *buttons: QPushButton) -> None:
        super().__init__()
        row = QHBoxLayout()
        row.setSpacing(scaled(8))
        for button in buttons:
            row.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(scaled(12), scaled(6), scaled(12), scaled(8))
        column.setSpacing(scaled(8))
        column.addWidget(heading("PICTURES"))
        column.addLayout(row)


def _stack(knobs: tuple[Knob, ...]) -> KnobStack:
    stack = KnobStack("")
    stack.set_knobs(knobs)
    return stack


def _button(text: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(tip.lower())
    button.setToolTip(wrapped(tip))
    button.setFixedHeight(scaled(28))
    return button
