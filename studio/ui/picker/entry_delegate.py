"""Paint one entry of the list: its star, its name, and the facts below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.ui.icons import paint_icon
from studio.ui.ink import ink
from studio.ui.picker.entry_model import ENTRY_ROLE, OPEN_ROLE, STAR_ROLE
from studio.ui.picker.words import line
from studio.ui.theme import current, mono_font, sans_font, scaled

if TYPE_CHECKING:
    from studio.models.catalogue import Entry

HEIGHT = 46
_STAR, _LEFT, _RIGHT = 16, 36, 12
_Index = QModelIndex | QPersistentModelIndex


class EntryDelegate(QStyledItemDelegate):
    """Paint entries; all rows have one height."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the size that all rows have."""
        return QSize(scaled(120), scaled(HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint the row at `index`."""
        entry = index.data(ENTRY_ROLE)
        if entry is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = QRectF(option.rect)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        near = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if selected or near:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink(current().hover if selected else current().raised))
            painter.drawRoundedRect(row.adjusted(4, 1, -4, -1), 6, 6)
        _paint_star(painter, row, starred=bool(index.data(STAR_ROLE)), near=near or selected)
        _paint_words(painter, row, entry, is_open=bool(index.data(OPEN_ROLE)))
        painter.restore()


def star_place(row: QRectF) -> QRectF:
    """Return where the star is in a row."""
    side = scaled(_STAR)
    return QRectF(row.left() + scaled(12), row.center().y() - side / 2, side, side)


def _paint_star(painter: QPainter, row: QRectF, *, starred: bool, near: bool) -> None:
    tokens = current()
    if starred:
        paint_icon(painter, "starred", star_place(row), tokens.accent)
    elif near:
        paint_icon(painter, "star", star_place(row), tokens.muted)


def _paint_words(painter: QPainter, row: QRectF, entry: Entry, *, is_open: bool) -> None:
    tokens = current()
    dim = entry.missing or entry.kind == "unknown"
    right = row.right() - scaled(_RIGHT)
    if is_open:
        side = scaled(14)
        place = QRectF(right - side, row.top() + scaled(7), side, side)
        paint_icon(painter, "check", place, tokens.accent)
    place = QRectF(row.left() + scaled(_LEFT), row.top() + scaled(5), 0, scaled(18))
    place.setRight(right - (scaled(20) if is_open else 0))
    name_color = tokens.muted if dim else tokens.text
    _line(painter, place, entry.name, sans_font(13, QFont.Weight.Medium), name_color)
    below = QRectF(place.left(), row.top() + scaled(23), right - place.left(), scaled(18))
    color = tokens.noise if entry.asks and not entry.missing else tokens.muted
    font = sans_font(11) if entry.kind == "unknown" else mono_font(11)
    _line(painter, below, line(entry), font, color)


def _line(painter: QPainter, place: QRectF, text: str, font: QFont, color: str) -> None:
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.setFont(font)
    painter.setPen(ink(color))
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
