"""What the parts of the line over the pictures are made of."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from studio.ui.choice import Choice
from studio.ui.elided_label import ElidedLabel
from studio.ui.theme import scaled


class Part(QWidget):
    """A row of controls for one view."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(12, 0, 12, 4)
        self.row.setSpacing(8)


def word(text: str) -> QLabel:
    """Return a quiet word between controls."""
    label = QLabel(text)
    label.setProperty("role", "muted")
    return label


def figures() -> ElidedLabel:
    """Return a line of figures that takes the room there is."""
    label = ElidedLabel()
    label.setProperty("role", "mono")
    label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return label


def box(
    name: str, label: str, tip: str, choices: Sequence[tuple[object, str]], width: int
) -> Choice:
    """Return a box with choices (value, text), `width` design pixels wide."""
    made = Choice(name, label, tip)
    for value, text in choices:
        made.add_choice(value, text)
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)  # not as in the panel
    made.setFixedWidth(scaled(width))
    return made


def pick(choice: Choice, value: object) -> None:
    """Show a value without a signal; one that is no choice of the box shows none."""
    choice.blockSignals(True)
    choice.choose(value)
    choice.blockSignals(False)
