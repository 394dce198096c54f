"""A picture on the colour of the canvas, crisp, with a word where it will be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.ink import ink
from studio.ui.picture_grid import PictureGrid
from studio.ui.theme import current, sans_font


class PlainGrid(PictureGrid):
    """Show one picture as large as whole pixels allow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._waiting = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def pixels(self) -> NDArray[np.uint8] | None:
        """Return the picture (H, W, 3) uint8, or None."""
        return None if self._pictures is None else self._pictures[0]

    def set_waiting(self, text: str) -> None:
        """Set what is said while there is no picture."""
        self._waiting = text
        self.update()

    def show_pixels(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show pixels: (H, W, 3) uint8, or nothing."""
        if pixels is None:
            self.clear()
        else:
            self.set_pictures(pixels[None])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture, or the word."""
        if self._pictures is not None:
            super().paintEvent(event)
            return
        tokens = current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), ink(tokens.canvas))
        painter.setFont(sans_font(12))
        painter.setPen(ink(tokens.muted))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(16, 8, -16, -8), flags, self._waiting)
