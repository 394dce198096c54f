"""A mask as an image that lies over a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from studio.ui.edit.mask.feather import feathered
from studio.ui.edit.mask.model import Mask
from studio.ui.edit.mask.shapes import Box, clipped

_REACH = 2  # times its feather, a blur reaches no further


class Overlay:
    """Keep an image of one colour whose opacity is that of a mask, and renew parts of it."""

    def __init__(self, height: int, width: int, colour: QColor) -> None:
        self._levels = _levels(colour)
        self._pixels = np.zeros((height, width), np.uint32)
        self.image = QImage(
            self._pixels.data,
            width,
            height,
            self._pixels.strides[0],
            QImage.Format.Format_ARGB32_Premultiplied,
        )

    def show(self, soft: NDArray[np.uint8]) -> None:
        """Show a whole mask, (H, W)."""
        self._pixels[:] = self._levels[soft]

    def renew(self, mask: Mask, box: Box) -> Box:
        """Show what changed in a box of a mask; return the larger box in which it is seen."""
        feather = mask.feather
        seen = _grown(box, _REACH * feather, mask.shape)
        left, top, right, bottom = seen
        if feather:
            around = _grown(seen, _REACH * feather, mask.shape)
            soft = feathered(
                np.ascontiguousarray(mask.values[around[1] : around[3], around[0] : around[2]]),
                feather,
            )
            x, y = left - around[0], top - around[1]
            part = soft[y : y + bottom - top, x : x + right - left]
        else:
            part = mask.values[top:bottom, left:right]
        self._pixels[top:bottom, left:right] = self._levels[part]
        return seen


def _grown(box: Box, by: int, shape: tuple[int, int]) -> Box:
    return clipped((box[0] - by, box[1] - by, box[2] + by, box[3] + by), shape)


def _levels(colour: QColor) -> NDArray[np.uint32]:
    """Return the premultiplied pixel of every value of a mask."""
    alpha = np.arange(256) / 255 * colour.alphaF()
    parts = (alpha, *(alpha * part for part in colour.getRgbF()[:3]))  # type: ignore[index]
    levels = np.zeros(256, np.uint32)
    for part in parts:
        levels = (levels << np.uint32(8)) | np.round(255 * part).astype(np.uint32)
    return levels
