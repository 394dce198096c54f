"""Colour the lines of the log by their level."""

from __future__ import annotations

import re

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from studio.ui.theme import current

_LINE = re.compile(r"^(\d\d:\d\d:\d\d\.\d{3})  (Error|Warning|Info|Debug) ")
_LEVELS = ("Debug", "Info", "Warning", "Error")


class LogColors(QSyntaxHighlighter):
    """Mute the time; errors and warnings have their colours, with the lines that belong to them."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        found = _LINE.match(text)
        level = _LEVELS.index(found[2]) if found else self.previousBlockState()
        self.setCurrentBlockState(level)
        tokens = current()
        colors = {3: tokens.error, 2: tokens.noise, 0: tokens.muted}
        if level in colors:
            self.setFormat(0, len(text), _ink(colors[level]))
        if found:
            self.setFormat(0, len(found[1]), _ink(tokens.muted))


def _ink(color: str) -> QTextCharFormat:
    ink = QTextCharFormat()
    ink.setForeground(QColor(color))
    return ink
