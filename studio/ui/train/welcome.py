"""What the tab shows while there are no runs."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.ui.theme import sans_font, scaled

_TEXT = (
    "Drop a folder of pictures here, or press New run. Training goes on in a process of its own, "
    "also when this window is closed, and can be paused, stopped and resumed at any time; the "
    "result opens as a model with one click."
)


class Welcome(QFrame):
    """Say what to do, and let it be done."""

    new_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "canvas")
        title = QLabel("Teach a model your own pictures")
        title.setFont(sans_font(18, QFont.Weight.DemiBold))
        text = QLabel(_TEXT, wordWrap=True)
        text.setProperty("role", "muted")
        text.setFixedWidth(scaled(440))
        new = _button("New run…", "primary", "Choose pictures to learn from")
        new.clicked.connect(self.new_wanted)
        old = _button("Open a run…", "strong", "Follow a run in any folder, also one of a cluster")
        old.clicked.connect(self.open_wanted)
        buttons = QHBoxLayout()
        buttons.setSpacing(scaled(8))
        buttons.addWidget(new)
        buttons.addWidget(old)
        buttons.addStretch(1)
        inner = QVBoxLayout()
        inner.setSpacing(scaled(12))
        inner.addWidget(title)
        inner.addWidget(text)
        inner.addLayout(buttons)
        column = QVBoxLayout(self)
        column.addStretch(2)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addLayout(inner)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(3)
        column.setAlignment(Qt.AlignmentFlag.AlignCenter)


def _button(text: str, kind: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setProperty("kind", kind)
    button.setToolTip(tip)
    button.setFixedHeight(scaled(34))
    return button
