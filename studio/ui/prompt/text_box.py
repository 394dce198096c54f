"""A prompt with its name above it and its length."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.ui.prompt.edit import PromptEdit
from studio.ui.row import MARGIN
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

_LENGTH = (
    "How many tokens the prompt has, and how many fit in. Longer prompts are read in more parts, "
    "each of which the model sees on its own."
)


class TextBox(QWidget):
    """Edit one prompt of a recipe, called `name`; `length` says how many tokens it has."""

    changed = Signal(str, object)  # field of the recipe, text
    committed = Signal(str)
    problem_changed = Signal(str, str)

    def __init__(self, name: str, label: str, tip: str, placeholder: str) -> None:
        super().__init__()
        self.name = name
        self.edit = PromptEdit(name, label, tip, placeholder)
        self.label = QLabel(label)
        self.label.setProperty("role", "label")
        self.label.setBuddy(self.edit)
        self.label.setToolTip(tip)
        self.length = QLabel()
        self.length.setProperty("role", "mono")
        self._lay_out()
        self.edit.edited.connect(self._on_edited)
        clear = QAction("Clear", self)
        clear.triggered.connect(self.clear)
        self.label.addAction(clear)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self.label, 1)
        head.addWidget(self.length)
        column = QVBoxLayout(self)
        column.setContentsMargins(scaled(MARGIN), scaled(2), scaled(MARGIN), scaled(6))
        column.setSpacing(scaled(4))
        column.addLayout(head)
        column.addWidget(self.edit)

    def set_value(self, text: str) -> None:
        """Show `text` without a signal."""
        self.edit.set_value(text)
        if not text:
            self.show_length(None)

    def show_length(self, found: tuple[int, int] | None) -> None:
        """Show how many tokens there are and how many the model reads at once; None: unknown."""
        self.length.setText("" if found is None else f"{found[0]} / {found[1]}")
        self.length.setToolTip(wrapped(_LENGTH))

    def clear(self) -> None:
        """Take all of the text away."""
        self.edit.clear()
        self.edit.commit()

    def _on_edited(self, text: str) -> None:
        self.changed.emit(self.name, text)
        self.committed.emit(self.name)
