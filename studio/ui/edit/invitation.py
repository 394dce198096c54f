"""What a page shows while it has nothing to work on: what it is for, and the way to begin."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from studio.ui.theme import sans_font, scaled

Deed = tuple[str, str, str]
"""A button: id, words, tool tip."""


class Invitation(QFrame):
    """Say what to do, and let it be done; the first deed is the usual one."""

    wanted = Signal(str)

    def __init__(self, title: str, text: str, deeds: Sequence[Deed]) -> None:
        super().__init__()
        self.setProperty("role", "canvas")
        self.title, self.text = QLabel(title), QLabel(text, wordWrap=True)
        self.title.setFont(sans_font(18, QFont.Weight.DemiBold))
        self.text.setProperty("role", "muted")
        self.text.setFixedWidth(scaled(460))
        self.buttons = {id: self._button(place, *deed) for place, (id, *deed) in enumerate(deeds)}
        for id, button in self.buttons.items():
            button.clicked.connect(lambda _on, id=id: self.wanted.emit(id))
        self._lay_out()

    def say(self, text: str) -> None:
        """Say something else."""
        self.text.setText(text)

    def offer(self, id: str, why_not: str) -> None:
        """Let a deed be done, or say why it cannot be."""
        button = self.buttons[id]
        button.setEnabled(not why_not)
        button.setToolTip(why_not or button.property("tip"))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(scaled(8))
        for button in self.buttons.values():
            row.addWidget(button)
        row.addStretch(1)
        inner = QVBoxLayout()
        inner.setSpacing(scaled(12))
        inner.addWidget(self.title)
        inner.addWidget(self.text)
        inner.addLayout(row)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addLayout(inner)
        middle.addStretch(1)
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addLayout(middle)
        column.addStretch(3)
        column.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _button(self, place: int, words: str, tip: str) -> QPushButton:
        button = QPushButton(words)
        button.setAccessibleName(words)
        button.setProperty("kind", "strong" if place else "primary")
        button.setProperty("tip", tip)
        button.setToolTip(tip)
        button.setFixedHeight(scaled(34))
        return button
