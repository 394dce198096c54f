"""The part of a picture that is looked at, the same for many pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

_MOST = 32.0
_CRISP = 2.0  # device pixels per picture pixel from which pixels are shown as squares


@dataclass(frozen=True, slots=True)
class Lens:
    """Magnify by `zoom` around (x, y), a place in the picture in shares of its sides."""

    zoom: float = 1.0
    x: float = 0.5
    y: float = 0.5

    def zoomed(self, factor: float, x: float, y: float) -> Lens:
        """Return the lens that magnifies more; what lies at (x, y) of the frame stays there."""
        zoom = min(max(self.zoom * factor, 1.0), _MOST)
        shift = 1 / self.zoom - 1 / zoom
        return Lens(zoom, self.x + (x - 0.5) * shift, self.y + (y - 0.5) * shift)._inside()

    def moved(self, x: float, y: float) -> Lens:
        """Return the lens after the picture was pulled by (x, y), in shares of the frame."""
        return Lens(self.zoom, self.x - x / self.zoom, self.y - y / self.zoom)._inside()

    def _inside(self) -> Lens:
        half = 0.5 / self.zoom
        return Lens(self.zoom, min(max(self.x, half), 1 - half), min(max(self.y, half), 1 - half))

    def paint(self, painter: QPainter, frame: QRectF, picture: QImage) -> None:
        """Paint the part of `picture` that the lens shows, centred in `frame`."""
        wide, high = picture.width(), picture.height()
        source = QRectF(
            (self.x - 0.5 / self.zoom) * wide,
            (self.y - 0.5 / self.zoom) * high,
            wide / self.zoom,
            high / self.zoom,
        )
        scale = min(frame.width() / wide, frame.height() / high)
        target = QRectF(0, 0, wide * scale, high * scale)
        target.moveCenter(frame.center())
        smooth = scale * self.zoom * painter.device().devicePixelRatioF() < _CRISP
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(target, picture, source)


def image(pixels: NDArray[np.uint8]) -> QImage:
    """Return pixels, (H, W, 3), as an image that owns them."""
    height, width, _ = pixels.shape
    data = np.ascontiguousarray(pixels)
    return QImage(data.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
