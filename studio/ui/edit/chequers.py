"""The chequers that stand where a picture is not known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPixmap

from studio.ui.ink import ink
from studio.ui.theme import current

_SIDE = 8  # device pixels of one field


def paint_chequers(painter: QPainter, holes: QImage, place: QRectF, area: QRectF) -> None:
    """Paint chequers where `holes`, stretched over `place`, is opaque, as far as seen in `area`."""
    seen = place.intersected(area).toAlignedRect()
    if seen.isEmpty():
        return
    layer = QImage(seen.size(), QImage.Format.Format_ARGB32_Premultiplied)
    layer.fill(Qt.GlobalColor.transparent)
    inner = QPainter(layer)
    inner.drawImage(place.translated(-seen.left(), -seen.top()), holes)
    inner.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    inner.fillRect(layer.rect(), QBrush(_tile()))
    inner.end()
    painter.drawImage(seen.topLeft(), layer)


def _tile() -> QPixmap:
    tokens = current()
    tile = QPixmap(2 * _SIDE, 2 * _SIDE)
    tile.fill(ink(tokens.panel))
    painter = QPainter(tile)
    for left, top in ((0, 0), (_SIDE, _SIDE)):
        painter.fillRect(left, top, _SIDE, _SIDE, ink(tokens.hover))
    painter.end()
    return tile


def holes_image(holes: NDArray[np.uint8]) -> QImage:
    """Return an image whose opacity is `holes`: (H, W) uint8."""
    pixels = holes.astype(np.uint32) << 24
    height, width = holes.shape
    alpha = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(pixels.tobytes(), width, height, 4 * width, alpha).copy()
