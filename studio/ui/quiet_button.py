"""A button that looks like a figure in a line of text."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from studio.ui.ink import ink
from studio.ui.theme import current, mono_font, scaled


class QuietButton(QAbstractButton):
    """Show a short text in the face of numbers; it is hidden while it has none."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setVisible(False)

    def set_text(self, text: str) -> None:
        """Show `text`, or nothing where it is empty."""
        if text != self.text():
            self.setText(text)
            self.setVisible(bool(text))

    def sizeHint(self) -> QSize:
        """Return the size of the text."""
        advance = QFontMetrics(mono_font(11)).horizontalAdvance(self.text())
        return QSize(advance + 8, scaled(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text: brighter under the mouse, in the accent when checked or focused."""
        tokens = current()
        painter = QPainter(self)
        painter.setFont(mono_font(11))
        lit = self.hasFocus() or self.isChecked()
        plain = tokens.text if self.underMouse() else tokens.muted
        painter.setPen(ink(tokens.accent if lit else plain))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect().adjusted(4, 0, -4, 0), flags, self.text())
        if self.hasFocus():
            line = self.rect().adjusted(4, 0, -4, 0)
            painter.drawLine(line.bottomLeft(), line.bottomRight())
