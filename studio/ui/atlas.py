"""Keep a batch of pictures in one image that a single call can draw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from studio.ui.grid import Grid
from studio.ui.viewport import Viewport

_SHRINK = 0.5  # below this zoom bilinear sampling skips pixels, so the image is averaged first
_INSPECT = 4.0  # from this zoom on single pixels of large pictures are shown, too


class Atlas:
    """Hold the pictures of a grid side by side; the memory is reused while the grid stays."""

    def __init__(self) -> None:
        self._grid: Grid | None = None
        self._pixels = np.zeros((1, 1), np.uint32)
        self._image = QImage()
        self._shrunk: QImage | None = None

    def fill(self, pictures: NDArray[np.uint8], grid: Grid, ground: QColor) -> None:
        """Copy pictures: (B, H, W, 3) into the cells of `grid`; gaps take the colour `ground`."""
        if grid != self._grid:
            self._allocate(grid, ground)
        channels = self._cells(grid)
        whole = grid.count // grid.columns
        full = pictures[: whole * grid.columns]
        rows = full.reshape(whole, grid.columns, *pictures.shape[1:]).transpose(0, 2, 1, 3, 4)
        rest = pictures[whole * grid.columns :].transpose(1, 0, 2, 3)
        for source, target in ((0, 2), (1, 1), (2, 0)):
            channels[:whole, ..., target] = rows[..., source]
            if rest.size:
                channels[whole, :, : rest.shape[1], :, target] = rest[..., source]
        self._shrunk = None

    def reset(self) -> None:
        """Forget the pictures; the next `fill` starts with fresh memory and gaps."""
        self._grid = None

    def draw(self, painter: QPainter, view: Viewport, area: QSize) -> None:
        """Draw the part that `view` shows in `area` (device pixels), in device coordinates."""
        if self._grid is None:
            return
        if view.zoom <= _SHRINK:
            painter.drawImage(QPointF(view.x, view.y), self._shrink(view.zoom))
            return
        smooth = view.zoom < 1 or not (self._grid.small or view.zoom >= _INSPECT)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        source = self._visible(view, area)
        zoom = view.zoom
        corner = QPointF(view.x + source.x() * zoom, view.y + source.y() * zoom)
        target = QRectF(corner, QSizeF(source.width() * zoom, source.height() * zoom))
        painter.drawImage(target, self._image, QRectF(source))

    def _visible(self, view: Viewport, area: QSize) -> QRect:
        left, top = view.to_picture(0, 0)
        right, bottom = view.to_picture(area.width(), area.height())
        shown = QRect(int(left) - 1, int(top) - 1, int(right - left) + 3, int(bottom - top) + 3)
        return shown.intersected(self._image.rect())

    def _allocate(self, grid: Grid, ground: QColor) -> None:
        wide, high = grid.size
        gap = grid.gap
        # A gap more to the right and below makes the array divisible into equal cells.
        self._pixels = np.full((high + gap, wide + gap), ground.rgb(), np.uint32)
        stride = self._pixels.strides[0]
        self._image = QImage(self._pixels.data, wide, high, stride, QImage.Format.Format_RGB32)
        self._grid = grid

    def _cells(self, grid: Grid) -> NDArray[np.uint8]:
        """Return the pictures' places as a view: (rows, H, columns, W, 4), blue first."""
        gap = grid.gap
        shape = (grid.rows, grid.height + gap, grid.columns, grid.width + gap, 4)
        cells = self._pixels.view(np.uint8).reshape(shape)
        return cells[:, : grid.height, :, : grid.width]

    def _shrink(self, zoom: float) -> QImage:
        size = self._image.size()
        target = QSize(max(1, round(size.width() * zoom)), max(1, round(size.height() * zoom)))
        if self._shrunk is None or self._shrunk.size() != target:
            self._shrunk = self._image.scaled(
                target,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        return self._shrunk
