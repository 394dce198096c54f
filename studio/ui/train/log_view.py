"""The log of a run, the newest line first."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from studio.session.training.log_reader import Line
from studio.ui.theme import mono_font

_DAY_S = 24 * 3600


class LogView(QPlainTextEdit):
    """Show lines with their time; they can be marked and copied."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[Line] = ()
        self.setObjectName("run_log")
        self.setAccessibleName("log of the run")
        self.setToolTip("What the run has said, the newest first")
        self.setPlaceholderText("What the run says appears here.")
        self.setReadOnly(True)
        self.setProperty("bare", True)
        self.setFont(mono_font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.document().setDocumentMargin(0)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show the lines of a run, given the oldest first."""
        if lines == self._lines:
            return
        self._lines = lines
        now = time.time()
        self.setPlainText("\n".join(line_text(line, now) for line in reversed(lines)))


def line_text(line: Line, now: float) -> str:
    """Return a line with its time, and with its day where that is long ago."""
    form = "%H:%M:%S" if now - line.time < _DAY_S else "%d %b %H:%M"
    return f"{time.strftime(form, time.localtime(line.time))} {line.text}"
