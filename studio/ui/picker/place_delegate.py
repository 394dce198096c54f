"""Paint a place to choose from, with the number of entries in it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.ui.ink import ink
from studio.ui.theme import current, mono_font, sans_font, scaled

PLACE_ROLE = int(Qt.ItemDataRole.UserRole)
COUNT_ROLE = PLACE_ROLE + 1
_Index = QModelIndex | QPersistentModelIndex


class PlaceDelegate(QStyledItemDelegate):
    """Paint the name at the left and the number at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the size of a row."""
        return QSize(scaled(80), scaled(28))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint the row at `index`."""
        tokens = current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = QRectF(option.rect)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink(tokens.hover if selected else tokens.raised))
            painter.drawRoundedRect(row.adjusted(0, 1, -4, -1), 6, 6)
        room = row.adjusted(scaled(10), 0, -scaled(14), 0)
        count = index.data(COUNT_ROLE)
        number = f"{count:,}" if count else ""
        painter.setFont(mono_font(11))
        painter.setPen(ink(tokens.muted))
        painter.drawText(room, _RIGHT, number)
        room.setRight(room.right() - QFontMetricsF(mono_font(11)).horizontalAdvance(number) - 8)
        font = sans_font(13)
        name = str(index.data() or "")
        shown = QFontMetricsF(font).elidedText(name, Qt.TextElideMode.ElideMiddle, room.width())
        painter.setFont(font)
        painter.setPen(ink(tokens.text if selected else tokens.label))
        painter.drawText(room, _LEFT, shown)
        painter.restore()


_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
