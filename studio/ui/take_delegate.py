"""Paint one take of the list: its picture, what made it, and its figures."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.ui.icons import paint_icon
from studio.ui.ink import ink
from studio.ui.take_item import TakeItem
from studio.ui.take_model import ITEM_ROLE
from studio.ui.theme import current, mono_font, sans_font
from studio.ui.thumbnails import Thumbnails
from studio.ui.wrapping import wrap

SIDE = 60
"""The side of a take's picture, in pixels."""
_PAD = 6
_LEFT = 12
_INDENT = 16  # of a take that branched from another, for each generation
_DEEPEST = 5  # generation that is still indented further
_SIGHT = 40  # rows
_LINES = 4
_STAR = 16

_Index = QModelIndex | QPersistentModelIndex


class TakeDelegate(QStyledItemDelegate):
    """Paint takes; only what is painted is read from the store and from disk."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the size that all rows have."""
        return QSize(120, SIDE + 2 * _PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint the row at `index`."""
        item = index.data(ITEM_ROLE)
        if not isinstance(item, TakeItem):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = QRectF(option.rect)
        self._paint_ground(painter, option, row)
        left = _left(row, item.generation)
        picture = QRectF(left, row.top() + _PAD, SIDE, SIDE)
        _paint_family(painter, row, picture, item.generation, index)
        self._paint_picture(painter, picture, item)
        words = QRectF(picture.right() + 10, row.top(), 0, row.height())
        words.setRight(row.right() - 10)
        _paint_words(painter, words, item)
        _paint_star(painter, row, item, bool(option.state & QStyle.StateFlag.State_MouseOver))
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, row: QRectF) -> None:
        tokens = current()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if not selected and not option.state & QStyle.StateFlag.State_MouseOver:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink(tokens.raised, 1.0 if selected else 0.5))
        ground = row.adjusted(6, 1, -6, -1)
        painter.drawRoundedRect(ground, 6, 6)
        if selected and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(ink(tokens.accent, 0.8), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _paint_picture(self, painter: QPainter, place: QRectF, item: TakeItem) -> None:
        ratio = painter.device().devicePixelRatioF()
        pixmap = self._thumbnails.given(item.id, ratio)
        if pixmap is None and item.thumbnail is not None:
            pixmap = self._thumbnails.get(item.thumbnail, ratio)
        if pixmap is None or pixmap.isNull():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink(current().track, 0.6))
            painter.drawRoundedRect(place, 4, 4)
            return
        painter.drawPixmap(_middle(place, pixmap), pixmap)


def star_place(row: QRectF) -> QRectF:
    """Return where the star of a take is in its row."""
    return QRectF(row.right() - 10 - _STAR, row.top() + 10, _STAR, _STAR)


def _paint_star(painter: QPainter, row: QRectF, item: TakeItem, pointed: bool) -> None:
    """Paint the star of a take that has one, and offer one under the pointer."""
    if item.starred:
        paint_icon(painter, "starred", star_place(row), current().noise)
    elif pointed and item.status != "live":
        paint_icon(painter, "star", star_place(row), current().muted)


def _middle(place: QRectF, pixmap: QPixmap) -> QPointF:
    """Return the corner that puts `pixmap` in the middle of `place`."""
    size = pixmap.deviceIndependentSize()
    return place.topLeft() + QPointF(
        (place.width() - size.width()) / 2, (place.height() - size.height()) / 2
    )


def _paint_words(painter: QPainter, place: QRectF, item: TakeItem) -> None:
    """Paint the title, the figures below it, and how a take ended that did not finish."""
    tokens = current()
    title_font, figures_font = sans_font(13, QFont.Weight.Medium), mono_font(11)
    note = _note(item)
    most = max(1, _LINES - bool(note) - bool(item.subtitle))
    room = place.width() - (_STAR + 4) * (item.status != "live")
    titles = _lines(item.title, room, min(2, most), title_font)
    figures = _lines(item.subtitle, place.width(), _LINES - len(titles) - bool(note), figures_font)
    live = item.status == "live"
    lines = [(text, title_font, tokens.accent if live else tokens.text) for text in titles]
    lines += [(text, figures_font, tokens.muted) for text in figures]
    for text in _lines(note, place.width(), 1, figures_font):
        lines.append((text, figures_font, tokens.accent if live else tokens.noise))
    heights = [QFontMetricsF(font).height() + 1 for _, font, _ in lines]
    top = place.center().y() - sum(heights) / 2
    for (text, font, color), height in zip(lines, heights, strict=True):
        painter.setFont(font)
        painter.setPen(ink(color))
        line = QRectF(place.left(), top, place.width(), height)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)
        top += height


def _note(item: TakeItem) -> str:
    return item.note or ("" if item.status == "finished" else item.status)


def _lines(text: str, room: float, most: int, font: QFont) -> list[str]:
    if most < 1:
        return []
    metrics = QFontMetricsF(font)
    lines = wrap(text, room, most, metrics.horizontalAdvance)
    return [metrics.elidedText(line, Qt.TextElideMode.ElideRight, room) for line in lines]


def _left(row: QRectF, generation: int) -> float:
    return row.left() + _LEFT + _INDENT * min(generation, _DEEPEST)


def _paint_family(
    painter: QPainter, row: QRectF, picture: QRectF, generation: int, index: _Index
) -> None:
    """Join a take to the one it branched from, and lead on to those that follow."""
    painter.setPen(QPen(ink(current().line), 1))
    after = _generations_after(index)
    for level in range(1, min(generation, _DEEPEST) + 1):
        x = _left(row, level) - _INDENT / 2 - 3
        goes_on = _comes(level, after)
        if level == generation:
            middle = picture.center().y()
            painter.drawLine(QPointF(x, middle), QPointF(picture.left() - 3, middle))
            painter.drawLine(QPointF(x, row.top()), QPointF(x, row.bottom() if goes_on else middle))
        elif goes_on:
            painter.drawLine(QPointF(x, row.top()), QPointF(x, row.bottom()))
    if after and after[0] > generation and generation < _DEEPEST:
        x = _left(row, generation + 1) - _INDENT / 2 - 3
        painter.drawLine(QPointF(x, picture.bottom() + 2), QPointF(x, row.bottom()))


def _generations_after(index: _Index) -> list[int]:
    """Return the generations of the takes that follow, as far as the eye reaches."""
    found = []
    for row in range(index.row() + 1, index.row() + 1 + _SIGHT):
        item = index.sibling(row, 0).data(ITEM_ROLE)
        if not isinstance(item, TakeItem) or item.generation == 0:
            break
        found.append(item.generation)
    return found


def _comes(level: int, after: list[int]) -> bool:
    """Tell whether a take of a generation follows before one of an earlier generation."""
    return next((each == level for each in after if each <= level), False)
