"""The contact sheet of what the network sees: small in the card, whole in a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.ui.ink import ink
from studio.ui.theme import current, scaled
from studio.ui.thumbnail import to_image
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    import numpy as np

_TIP = (
    "Pictures as the network really sees them: cut, scaled, mirrored, augmented. What is wrong "
    "here will be learned. Click to see the whole sheet."
)
_LARGEST = (1100, 760)


class Sheet(QAbstractButton):
    """A picture as wide as there is room for; a click asks for the whole sheet."""

    def __init__(self) -> None:
        super().__init__()
        self._pixels: np.ndarray | None = None
        self._image = QImage()
        self.setObjectName("data_sheet")
        self.setAccessibleName("contact sheet of the pictures")
        self.setToolTip(wrapped(_TIP))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_pixels(self, pixels: np.ndarray | None) -> None:
        """Show (H, W, 3) uint8, or nothing."""
        if pixels is not self._pixels:
            self._pixels = pixels
            self._image = QImage() if pixels is None else to_image(pixels)
            self.updateGeometry()
            self.update()
        self.setVisible(pixels is not None)

    def sizeHint(self) -> QSize:
        """Ask for the shape of the picture."""
        return QSize(scaled(190), self.heightForWidth(scaled(190)))

    def hasHeightForWidth(self) -> bool:
        """Keep the shape of the picture."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at a width."""
        if self._image.isNull():
            return 0
        return round(width * self._image.height() / self._image.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture, and a ring for the keyboard."""
        if self._image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        height = self.width() * self._image.height() / self._image.width()
        painter.drawImage(QRectF(0, 0, self.width(), height), self._image)
        if self.hasFocus():
            painter.setPen(QPen(ink(current().accent), 2))
            painter.drawRect(QRectF(1, 1, self.width() - 2, height - 2))


class SheetDialog(QDialog):
    """Show the whole sheet, pixel by pixel."""

    def __init__(self, pixels: np.ndarray, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet_dialog")
        self.setWindowTitle(f"What the network sees of {name}" if name else "What the network sees")
        picture = QLabel()
        picture.setPixmap(QPixmap.fromImage(to_image(pixels)))
        picture.setAccessibleName("contact sheet of the pictures")
        picture.setToolTip("The first pictures of the run, those of a class in a row")
        area = QScrollArea()
        area.setWidget(picture)
        area.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area)
        height, width = pixels.shape[:2]
        frame = scaled(12)
        self.resize(
            min(width + frame, scaled(_LARGEST[0])), min(height + frame, scaled(_LARGEST[1]))
        )
