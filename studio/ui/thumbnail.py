"""Make small pictures that stay clear: whole pixels enlarged, then averaged to size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage


def to_image(picture: NDArray[np.uint8]) -> QImage:
    """Copy picture: (H, W, 3) uint8 into an image of its own."""
    pixels = np.ascontiguousarray(picture)
    height, width, _ = pixels.shape
    view = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return view.convertToFormat(QImage.Format.Format_RGB32)


def thumbnail(image: QImage, side: int) -> QImage:
    """Return `image` scaled so that its longer side measures `side` pixels.

    A picture smaller than that is first enlarged by a whole factor, so that its pixels stay square
    and equally large to within one pixel.
    """
    longest = max(image.width(), image.height(), 1)
    size = QSize(
        max(1, round(image.width() * side / longest)),
        max(1, round(image.height() * side / longest)),
    )
    factor = -(-side // longest)
    if factor > 1:
        image = image.scaled(image.size() * factor)
    return image.scaled(
        size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
