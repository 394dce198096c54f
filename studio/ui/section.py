"""A titled part of a panel that folds away."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.ui.icons import paint_icon
from studio.ui.row import MARGIN
from studio.ui.slider import KEYBOARD
from studio.ui.theme import current, heading_font, scaled
from studio.ui.tip import Described, wrapped

_HEADER_HEIGHT = 28
_SPACE_BELOW = 4


class SectionHeader(Described, QAbstractButton):
    """Paint title and chevron around a note; a click folds the section."""

    def __init__(self, title: str, *, folds: bool) -> None:
        super().__init__()
        self.setText(title)
        self.setAccessibleName(title)
        self.note = QLabel()
        self.note.setProperty("role", "mono")
        self.note.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._ring = False
        self.setCheckable(True)
        self.setChecked(True)
        self.setEnabled(folds)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if folds else Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, scaled(MARGIN) + (scaled(16) if folds else 0), 0)
        row.addWidget(self.note, 0, Qt.AlignmentFlag.AlignRight)
        self.set_tip("")

    def set_tip(self, tip: str) -> None:
        """Explain the note; what a click does is said after that."""
        folding = f"Click to show or hide {self.text().lower()}." if self.isEnabled() else ""
        self.setToolTip(wrapped(tip, folding))

    def sizeHint(self) -> QSize:
        """Ask for one line."""
        return QSize(scaled(120), scaled(_HEADER_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line."""
        tokens, margin = current(), scaled(MARGIN)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strong = self.isEnabled() and self.underMouse()
        painter.setPen(QColor(tokens.label if strong else tokens.muted))
        painter.setFont(heading_font())
        inside = self.rect().adjusted(margin, 0, -margin, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inside, middle | Qt.AlignmentFlag.AlignLeft, self.text().upper())
        if self.isEnabled():
            side = scaled(16)
            box = QRectF(inside.right() - side + 4, (self.height() - side) / 2, side, side)
            name = "chevron" if self.isChecked() else "chevron-right"
            paint_icon(painter, name, box, tokens.label if strong else tokens.muted)
        if self._ring:
            self._paint_ring(painter)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring only for people who use the keyboard."""
        self._ring = event.reason() in KEYBOARD
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        self._ring = False
        super().focusOutEvent(event)

    def _paint_ring(self, painter: QPainter) -> None:
        metrics = QFontMetrics(heading_font())
        wide, high = metrics.horizontalAdvance(self.text().upper()), metrics.height()
        ring = QRectF(scaled(MARGIN) - 5, (self.height() - high) / 2 - 2, wide + 10, high + 4)
        painter.setPen(QPen(QColor(current().accent), 1.5))
        painter.drawRoundedRect(ring, 4, 4)


class Section(QWidget):
    """Put widgets under a heading; `collapsed` tells, and sets, whether they are hidden."""

    collapsed_changed = Signal(bool)

    def __init__(self, title: str, *, folds: bool = True, collapsed: bool = False) -> None:
        super().__init__()
        self.title = title
        self.header = SectionHeader(title, folds=folds)
        self.body = QWidget()
        self.rows = QVBoxLayout(self.body)
        self.rows.setContentsMargins(0, 0, 0, scaled(_SPACE_BELOW))
        self.rows.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._top = QHBoxLayout()
        self._top.setSpacing(0)
        self._top.addWidget(self.header, 1)
        column.addLayout(self._top)
        column.addWidget(self.body)
        self.header.toggled.connect(self._on_toggled)
        self.collapsed = collapsed

    @property
    def collapsed(self) -> bool:
        """Tell whether only the heading is there."""
        return not self.header.isChecked()

    @collapsed.setter
    def collapsed(self, collapsed: bool) -> None:
        self.header.setChecked(not collapsed)

    def add(self, widget: QWidget) -> None:
        """Put a widget below the others."""
        self.rows.addWidget(widget)

    def add_to_heading(self, button: QWidget) -> None:
        """Put a small button at the right end of the heading."""
        self._top.addWidget(button)
        self._top.setContentsMargins(0, 0, scaled(MARGIN), 0)

    def set_note(self, note: str) -> None:
        """Show a short note at the right of the heading."""
        self.header.note.setText(note)

    def _on_toggled(self, expanded: bool) -> None:
        self.body.setVisible(expanded)
        self.collapsed_changed.emit(not expanded)
