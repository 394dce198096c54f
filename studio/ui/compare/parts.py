"""Pieces that the panels of the Compare tab are made of."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QLineEdit, QWidget

from studio.ui.restyle import set_style_property
from studio.ui.run_bar import button
from studio.ui.theme import heading_font, scaled
from studio.ui.tip import wrapped
from studio.ui.view_switch import ViewSwitch

MODES = (
    (
        "solvers",
        "Solvers",
        "compare solvers",
        "Samplers and schedules at equal cost, measured against a fine reference",
    ),
    (
        "sweep",
        "Sweep",
        "sweep knobs",
        "Up to three axes over any knobs, each cell a take of its own",
    ),
)


def mode_switch(mode: str) -> ViewSwitch:
    """Return the switch between the two pages of the Compare tab."""
    switch = ViewSwitch(views=MODES, view=mode, wide=True)
    switch.setAccessibleName("what the tab compares")
    return switch


class StartStop(QWidget):
    """A button that makes the cells that are missing, and one that stops that."""

    def __init__(self, text: str, name: str, doing: str, tip: str) -> None:
        super().__init__()
        self._tip = tip
        self.start = button(text, name, "primary")
        self.start.setAccessibleName(text)
        self.stop = button("Stop", f"{name}_stop", "strong")
        self.stop.setAccessibleName(f"Stop {doing}")
        self.stop.setToolTip("Stop before the next network call; finished cells stay (Esc)")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 0)
        row.setSpacing(8)
        row.addWidget(self.start, 1)
        row.addWidget(self.stop)

    def show_state(self, problem: str, *, running: bool, to_do: bool) -> None:
        """Enable the first where nothing hinders and something is to do, Stop while it runs."""
        self.start.setEnabled(not problem and not running and to_do)
        done = "" if to_do else "Every cell is there."
        self.start.setToolTip(wrapped(problem or done or self._tip))
        stopping = self.stop.hasFocus()
        self.stop.setEnabled(running)
        if stopping and not running:
            self.start.setFocus()


def take_typed(panel: QWidget) -> None:
    """Let what is being typed in a panel count, as if the person had left the field."""
    field = QApplication.focusWidget()
    if field is not None and panel.isAncestorOf(field):
        field.clearFocus()
        field.setFocus()


def read_line(field: QLineEdit, parse: Callable[[str], tuple[int, ...]]) -> tuple[int, ...]:
    """Return what a field means, or nothing; its property “problem” says why it means nothing."""
    try:
        value, problem = parse(field.text()), ""
    except ValueError as error:
        value, problem = (), str(error)
    field.setProperty("problem", problem)
    set_style_property(field, "error", bool(problem))
    return value


def line(name: str, label: str, tip: str) -> QLineEdit:
    """Return a field to type in, with its tool tip."""
    field = QLineEdit()
    field.setObjectName(name)
    field.setAccessibleName(label)
    field.setToolTip(wrapped(tip))
    field.setFixedHeight(scaled(24))
    return field


def heading(text: str) -> QLabel:
    """Return the heading of a section."""
    label = QLabel(text)
    label.setProperty("role", "heading")
    label.setFont(heading_font())
    return label


def inset(*widgets: QWidget) -> QHBoxLayout:
    """Return widgets in a row, the first taking the room, the last at the right."""
    row = QHBoxLayout()
    row.setContentsMargins(12, 0, 12, 0)
    for place, widget in enumerate(widgets):
        row.addWidget(widget, 0 if place else 1)
    if len(widgets) > 1:
        row.setAlignment(widgets[-1], Qt.AlignmentFlag.AlignRight)
    return row


def plural(count: int, noun: str) -> str:
    """Return “1 cell”, “27 cells”."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
