"""One picture, or a few, under a heading with figures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.edit.plain_grid import PlainGrid
from studio.ui.theme import heading_font, scaled
from studio.ui.tip import wrapped


class PicturePane(QWidget):
    """Show what a step of the way gave, or what will be here."""

    menu_requested = Signal(QPoint)
    """A menu is wanted at a global position."""

    def __init__(self, name: str, title: str, tip: str, waiting: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._waiting = waiting
        self.title = QLabel(title.upper())
        self.title.setProperty("role", "heading")
        self.title.setFont(heading_font())
        self.title.setToolTip(wrapped(tip))
        self.figures = QLabel()
        self.figures.setProperty("role", "mono")
        self.figures.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.figures.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.grid = PlainGrid()
        self.grid.setToolTip(wrapped(tip))
        self.grid.set_waiting(waiting)
        for label in (self.title, self.figures):
            label.setFixedHeight(scaled(18))
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 12, 4)
        head.addWidget(self.title)
        head.addWidget(self.figures, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.grid, 1)
        self.setMinimumSize(scaled(160), scaled(120))

    @property
    def pixels(self) -> NDArray[np.uint8] | None:
        """Return the picture (H, W, 3) uint8 that is shown, or None."""
        return self.grid.pixels

    def show_picture(self, pixels: NDArray[np.uint8] | None, figures: str = "") -> None:
        """Show pixels: (H, W, 3) uint8 with figures beside the heading; None shows none."""
        self.grid.show_pixels(pixels)
        self.figures.setText(figures)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu where there is a picture."""
        if self.pixels is not None:
            self.menu_requested.emit(event.globalPos())
