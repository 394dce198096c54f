"""The left side of a page: the tasks, what belongs to this one, Start and Stop."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.ui.compare.parts import inset
from studio.ui.edit.task_row import TaskRow
from studio.ui.run_bar import button
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

NARROWEST = 280
_THOUSAND = 1000


class SidePanel(QWidget):
    """Stack sections under the tasks and over the buttons.

    text, name: of the button that starts; doing: what Stop stops; tip: what starting does.
    """

    start_pressed = Signal()
    stop_pressed = Signal()

    def __init__(self, task: str, text: str, name: str, doing: str, tip: str) -> None:
        super().__init__()
        self._tip = tip
        self.setMinimumWidth(scaled(NARROWEST))
        self.tasks = TaskRow(task)
        self.start = button(f"{text}  ⌃↵", name, "primary")
        self.start.setAccessibleName(text)
        self.stop = button("Stop", f"{name}_stop", "strong")
        self.stop.setAccessibleName(f"Stop {doing}")
        self.stop.setToolTip("Stop before the next network call; what is done stays (Esc)")
        self.start.clicked.connect(self.start_pressed)
        self.stop.clicked.connect(self.stop_pressed)
        self.line = QLabel(wordWrap=True)
        self.line.setObjectName(f"{name}_line")
        self.line.setProperty("role", "mono")
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(f"progress of {doing}")
        self.bar.setRange(0, _THOUSAND)
        self._inside = QVBoxLayout()
        self._frame()
        self.show_state("", running=False)

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Put a widget below the others."""
        self._inside.insertWidget(self._inside.count() - 1, widget, stretch)

    def show_state(self, problem: str, *, running: bool) -> None:
        """Let the task be started where nothing hinders, and stopped while it runs."""
        self.start.setEnabled(not problem and not running)
        self.start.setToolTip(wrapped(problem or self._tip))
        stopping = self.stop.hasFocus()
        self.stop.setEnabled(running)
        self.bar.setVisible(running)
        if stopping and not running:
            self.start.setFocus()

    def show_progress(self, share: float, words: str) -> None:
        """Show how far the task is: `share` from 0 to 1."""
        self.bar.setValue(round(_THOUSAND * share))
        self.line.setText(words)

    def say(self, words: str) -> None:
        """Say something over the buttons: what it will cost, or what is missing."""
        self.line.setText(words)

    def _frame(self) -> None:
        inner = QWidget()
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(0)
        self._inside.addStretch(1)
        inner.setLayout(self._inside)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(self.start, 1)
        row.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 12)
        column.setSpacing(8)
        column.addLayout(inset(self.tasks))
        column.addWidget(area, 1)
        column.addLayout(inset(self.line))
        column.addLayout(inset(self.bar))
        column.addLayout(row)
