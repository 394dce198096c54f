"""Words of help that can be selected, in as many lines as they need."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from studio.ui.line_room import fit_lines

_SELECTABLE = (
    Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
)


def help_words(text: str, role: str, room: int) -> QLabel:
    """Return text in the style of a role, no wider than `room` pixels."""
    label = QLabel(text)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(_SELECTABLE)
    label.setWordWrap(True)
    label.ensurePolished()
    fit_lines(label, room)
    return label
