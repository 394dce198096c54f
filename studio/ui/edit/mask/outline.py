"""The outline of the brush under the mouse: the very pixels that it would paint."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from studio.ui.edit.mask.shapes import Point, snapped, stamp

_STEPS_SEEN = 3.0  # device pixels per pixel from which the steps of the outline are seen
_MOST_STEPS = 64  # pixels of a brush above which it is drawn as a circle
_UNDER = QColor(0, 0, 0, 150)
_OVER = QColor(255, 255, 255)


def paint_brush(painter: QPainter, at: Point, size: int, zoom: float, corner: QPointF) -> None:
    """Paint the outline of a brush of `size` pixels around `at`, in device pixels.

    corner: where the picture's first pixel begins; zoom: device pixels per pixel.
    """
    x, y = snapped(at, size)
    left, top = corner.x() + (x - size / 2) * zoom, corner.y() + (y - size / 2) * zoom
    if zoom < _STEPS_SEEN or size > _MOST_STEPS:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _twice(painter, lambda: painter.drawEllipse(QRectF(left, top, size * zoom, size * zoom)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        return
    lines = [
        QLineF(left + x0 * zoom, top + y0 * zoom, left + x1 * zoom, top + y1 * zoom)
        for x0, y0, x1, y1 in _edges(size)
    ]
    _twice(painter, lambda: painter.drawLines(lines))


def paint_way(painter: QPainter, way: list[Point], zoom: float, corner: QPointF) -> None:
    """Paint a lasso, or the rectangle between two points, while it is drawn."""
    points = [QPointF(corner.x() + x * zoom, corner.y() + y * zoom) for x, y in way]
    shape = QPolygonF(points if len(points) > 2 else QPolygonF(QRectF(points[0], points[-1])))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_UNDER, 1))
    painter.drawPolygon(shape)
    painter.setPen(QPen(_OVER, 1, Qt.PenStyle.DashLine))
    painter.drawPolygon(shape)


def _twice(painter: QPainter, draw: Callable[[], None]) -> None:
    """Draw dark and wide, then light and thin, so that it is seen on any picture."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((_UNDER, 3), (_OVER, 1)):
        painter.setPen(QPen(colour, width))
        draw()


@lru_cache(maxsize=8)
def _edges(size: int) -> list[tuple[int, int, int, int]]:
    """Return the lines between pixels that a touch of the brush paints and those it does not."""
    inside = np.pad(stamp(size), 1).astype(np.int8)
    across = np.argwhere(np.diff(inside, axis=0)[:, 1:-1])
    down = np.argwhere(np.diff(inside, axis=1)[1:-1])
    return [(int(x), int(y), int(x) + 1, int(y)) for y, x in across] + [
        (int(x), int(y), int(x), int(y) + 1) for y, x in down
    ]
