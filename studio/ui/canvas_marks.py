"""Paint what the canvas shows besides pictures: outlines and the invitation to begin."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from studio.ui.ink import ink
from studio.ui.theme import current, mono_font, sans_font, scaled


def paint_outline(painter: QPainter, picture: QRectF, width: float, color: QColor) -> None:
    """Paint a crisp frame `width` wide around `picture`, wholly outside of it."""
    outer = picture.adjusted(-width, -width, width, width)
    down = QPointF(0, width)
    for edge in (
        QRectF(outer.topLeft(), outer.topRight() + down),
        QRectF(outer.bottomLeft() - down, outer.bottomRight()),
        QRectF(outer.topLeft() + down, picture.bottomLeft()),
        QRectF(picture.topRight(), outer.bottomRight() - down),
    ):
        painter.fillRect(edge, color)


def paint_invitation(painter: QPainter, area: QRectF, title: str, hint: str) -> None:
    """Paint what to do first in the middle of `area`: a line of text and a quieter one below."""
    high = scaled(24)
    line = QRectF(area.left(), area.center().y() - high, area.width(), high)
    painter.setFont(sans_font(15, QFont.Weight.Medium))
    painter.setPen(ink(current().label))
    painter.drawText(line, Qt.AlignmentFlag.AlignCenter, title)
    painter.setFont(mono_font(12))
    painter.setPen(ink(current().muted))
    painter.drawText(line.translated(0, high + 2), Qt.AlignmentFlag.AlignCenter, hint)
