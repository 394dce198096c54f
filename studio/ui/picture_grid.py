"""A widget that shows a batch of pictures as a grid, crisp at every scale of the screen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from studio.ui.atlas import Atlas
from studio.ui.canvas_marks import paint_invitation, paint_outline
from studio.ui.ink import ink
from studio.ui.stage import Stage
from studio.ui.theme import current


class PictureGrid(QWidget):
    """Show a batch of pictures in as many columns as make them largest."""

    margin = 12
    """Logical pixels around the fitted batch."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._pictures: NDArray[np.uint8] | None = None
        self._stage = Stage()
        self._atlas = Atlas()
        self._followed = 0
        self._hovered: int | None = None
        self._invitation = ("Press Generate to watch pictures form", "Ctrl + Enter")

    # What is shown

    def set_pictures(self, pictures: NDArray[np.uint8]) -> None:
        """Show pictures: (B, H, W, 3) uint8, B >= 1; they are kept, so do not write to them later.

        Zoom and place stay while the shape does. Raises ValueError for another kind of array.
        """
        if pictures.ndim != 4 or pictures.shape[3] != 3 or not pictures.size:
            raise ValueError(f"The canvas shows (B, H, W, 3) arrays; this one is {pictures.shape}.")
        if pictures.dtype != np.uint8:
            raise ValueError(f"The canvas shows uint8 pictures; these are {pictures.dtype}.")
        self._pictures = pictures
        count, height, width, _ = pictures.shape
        self._stage.show(count, width, height)
        self._followed = min(self._followed, count - 1)
        self._redraw()

    def clear(self) -> None:
        """Show the invitation again."""
        self._pictures = None
        self._atlas.reset()
        self._redraw()

    def set_invitation(self, title: str, hint: str) -> None:
        """Set the two lines shown while there are no pictures."""
        self._invitation = (title, hint)
        self.update()

    def set_followed(self, index: int) -> None:
        """Outline the picture `index` as the followed one."""
        self._followed = index
        self.update()

    @property
    def followed_index(self) -> int:
        """Return the index of the followed picture."""
        return self._followed

    @property
    def columns(self) -> int:
        """Return the number of columns of the grid."""
        return self._stage.grid.columns

    # Zoom

    @property
    def zoom(self) -> float:
        """Return the device pixels per picture pixel."""
        return self._stage.view.zoom

    def fit(self) -> None:
        """Show the whole batch as large as it goes."""
        self._stage.fit()
        self._redraw()

    def zoom_to(self, zoom: float) -> None:
        """Zoom about the middle to `zoom` device pixels per picture pixel; 1 is 100 %."""
        width, height = self._stage.area
        self._stage.zoom_to(zoom, width / 2, height / 2)
        self._redraw()

    def zoom_by(self, steps: int) -> None:
        """Zoom about the middle by `steps` steps, in (positive) or out (negative)."""
        width, height = self._stage.area
        self._stage.zoom_by(steps, width / 2, height / 2)
        self._redraw()

    # Places

    def picture_area(self) -> QRect:
        """Return where pictures are shown."""
        return self.rect()

    def picture_rect(self, index: int) -> QRectF:
        """Return where picture `index` is shown, in this widget's coordinates."""
        ratio = self.devicePixelRatioF()
        x, y, width, height = (side / ratio for side in self._stage.place(index))
        corner = self.picture_area().topLeft()
        return QRectF(x + corner.x(), y + corner.y(), width, height)

    def picture_at(self, point: QPointF) -> int | None:
        """Return the picture under `point`, or None."""
        if self._pictures is None or not self.picture_area().contains(point.toPoint()):
            return None
        return self._stage.index_at(*self._device(point))

    def _device(self, point: QPointF) -> tuple[float, float]:
        inside = (point - QPointF(self.picture_area().topLeft())) * self.devicePixelRatioF()
        return inside.x(), inside.y()

    # Painting

    def _redraw(self) -> None:
        """Bring the atlas up to date and paint."""
        if self._pictures is not None:
            self._atlas.fill(self._pictures, self._stage.grid, ink(current().canvas))
        self.update()

    def _measure(self) -> None:
        """Give the grid the room that there is now."""
        ratio = self.devicePixelRatioF()
        area = self.picture_area()
        before = self._stage.grid
        self._stage.resize(area.width() * ratio, area.height() * ratio, self.margin * ratio)
        if self._stage.grid != before:
            self._redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the visible pictures in device pixels, then the outlines."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), ink(current().canvas))
        area = self.picture_area()
        if self._pictures is None:
            paint_invitation(painter, QRectF(area), *self._invitation)
            return
        painter.setClipRect(area)
        _to_device(painter, area.topLeft(), self.devicePixelRatioF())
        width, height = self._stage.area
        self._atlas.draw(painter, self._stage.view, QSize(round(width), round(height)))
        self._paint_outlines(painter)

    def _paint_outlines(self, painter: QPainter) -> None:
        assert self._pictures is not None
        ratio = self.devicePixelRatioF()
        if len(self._pictures) > 1:
            self._outline(painter, self._followed, ink(current().accent), 2 * ratio)
        if self._hovered is not None and self._hovered != self._followed:
            self._outline(painter, self._hovered, ink(current().text, 0.45), ratio)

    def _outline(self, painter: QPainter, index: int, color: QColor, width: float) -> None:
        gap = self._stage.grid.gap * self._stage.view.zoom
        within = float(max(1, round(min(width, gap))))
        paint_outline(painter, QRectF(*self._stage.place(index)), within, color)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the batch again, or keep the middle of a zoomed one."""
        super().resizeEvent(event)
        self._measure()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._atlas.reset()
            self._redraw()

    def event(self, event: QEvent) -> bool:
        """Follow the screen to another resolution."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._measure()
        return super().event(event)


def _to_device(painter: QPainter, corner: QPoint, ratio: float) -> None:
    """Make the painter's unit one device pixel, from the whole pixel nearest to `corner`.

    At 125 % a widget may begin between two pixels, where nearest sampling would be uneven.
    """
    exact = painter.deviceTransform().map(QPointF(corner))
    shift = QPointF(exact.toPoint()) - exact
    painter.translate(QPointF(corner) + shift / ratio)
    painter.scale(1 / ratio, 1 / ratio)
