"""The filmstrip: a thumbnail of the followed picture for every step of the run."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.ui.ink import ink
from studio.ui.strip import SIDE, Strip
from studio.ui.theme import current, sans_font
from studio.ui.thumbnail import thumbnail, to_image

_HEIGHT = round(SIDE) + 10
_STORED = 128  # the longest side, in pixels, that is kept of a picture
_AHEAD = 0.28  # opacity of a step that this run has not reached


class Filmstrip(QWidget):
    """Paint the steps from left to right; a click or a drag scrubs through them."""

    step_chosen = Signal(int)
    """The person pressed or dragged over a step, reached or not."""

    step_hovered = Signal(object)
    """The mouse is over this step with no button pressed; None once it is over none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("steps of the run")
        self.setMouseTracking(True)
        self._total = 0
        self._reached = self._kept = 0
        self._current = 0
        self._images: list[QImage | None] = []
        self._scaled: dict[int, QImage] = {}
        self._captions: Sequence[str] = ()
        self._strip = Strip(0, 1.0)

    def set_total(self, total: int) -> None:
        """Show `total` empty steps; the same number keeps the thumbnails, dimmed until replaced."""
        if total != self._total:
            self._total = total
            self.clear_thumbnails()
            self._measure()
        self._reached = 0
        self.update()

    def grow(self, total: int) -> None:
        """Make room for `total` steps, if there are fewer."""
        self.resize_to(max(total, self._total))

    def resize_to(self, total: int) -> None:
        """Have `total` steps from now on; those that stay keep their thumbnails."""
        if total != self._total:
            self._images = [*self._images[:total], *[None] * (total - self._total)]
            self._scaled = {step: image for step, image in self._scaled.items() if step < total}
            self._total = total
            self._measure()
            self.update()

    def set_kept(self, count: int) -> None:
        """Dim all but the first `count` steps, which would be taken again; 0 dims none."""
        if count != self._kept:
            self._kept = count
            self.update()

    def set_reached(self, count: int) -> None:
        """Show the first `count` steps as reached."""
        self._reached = count
        self.update()

    def set_current(self, step: int) -> None:
        """Outline `step`."""
        if step != self._current:
            self._current = step
            self.update()

    def set_thumbnail(self, step: int, picture: NDArray[np.uint8]) -> None:
        """Show picture: (H, W, 3) uint8 at `step`; it is copied."""
        image = to_image(picture)
        if max(image.width(), image.height()) > _STORED:
            image = thumbnail(image, _STORED)
        self._images[step] = image
        self._scaled.pop(step, None)
        self.update(self._cell_rect(self._strip.cell_of(step)).toAlignedRect())

    def clear_thumbnails(self) -> None:
        """Empty all steps."""
        self._images = [None] * self._total
        self._scaled.clear()
        self.update()

    def set_captions(self, captions: Sequence[str]) -> None:
        """Set what the tool tip says of each step."""
        self._captions = captions

    def sizeHint(self) -> QSize:
        """Return room for one row of thumbnails."""
        return QSize(400, _HEIGHT)

    def shown_step(self, cell: int) -> int:
        """Return the step that the thumbnail `cell` shows: the current, else the latest it has."""
        steps = self._strip.steps_of(cell)
        if self._current in steps:
            return self._current
        reached = [step for step in steps if step < self._reached and self._images[step]]
        held = reached or [step for step in steps if self._images[step]]
        return held[-1] if held else steps[0]

    def step_rect(self, step: int) -> QRectF:
        """Return where the thumbnail of `step` is painted."""
        return self._cell_rect(self._strip.cell_of(step))

    def _cell_rect(self, cell: int) -> QRectF:
        """Return the place of a thumbnail, on whole device pixels."""
        ratio = self.devicePixelRatioF()
        side = floor(self._strip.side * ratio) / ratio
        left = floor((self._strip.middle(cell) - side / 2) * ratio) / ratio
        top = floor((self.height() - side) / 2 * ratio) / ratio
        return QRectF(left, top, side, side)

    # Events

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the thumbnails that lie in the region to be painted."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._total:
            self._paint_empty(painter)
            return
        region = QRectF(event.rect()).adjusted(-4, 0, 4, 0)
        for cell in range(self._strip.cells):
            rect = self._cell_rect(cell)
            if rect.intersects(region):
                self._paint_cell(painter, rect, self.shown_step(cell))

    def _paint_cell(self, painter: QPainter, rect: QRectF, step: int) -> None:
        tokens = current()
        reached = step < (min(self._kept, self._reached) if self._kept else self._reached)
        image = self._at_size(step, rect)
        painter.setOpacity(1.0 if reached else _AHEAD)
        if image is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink(tokens.track if reached else tokens.muted, 0.6))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 3, 3)
        else:
            size = image.deviceIndependentSize()
            left, top = (rect.width() - size.width()) / 2, (rect.height() - size.height()) / 2
            painter.drawImage(rect.topLeft() + QPointF(left, top), image)
        painter.setOpacity(1.0)
        if step == self._current and reached:
            painter.setPen(QPen(ink(tokens.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(-2, -2, 2, 2), 4, 4)

    def _at_size(self, step: int, rect: QRectF) -> QImage | None:
        """Return the picture of `step` at the size it is painted in, made once."""
        image = self._images[step]
        if image is None:
            return None
        ratio = self.devicePixelRatioF()
        if step not in self._scaled:
            made = thumbnail(image, round(rect.width() * ratio))
            made.setDevicePixelRatio(ratio)
            self._scaled[step] = made
        return self._scaled[step]

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setFont(sans_font(12))
        painter.setPen(ink(current().muted))
        text = "Every step of the run appears here; scrub back and forth through them"
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the step under the mouse."""
        if self._total and event.button() == Qt.MouseButton.LeftButton:
            self.step_chosen.emit(self._strip.step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub, or tell which step is under the mouse."""
        step = self._strip.step_at(event.position().x())
        if self._total and event.buttons() & Qt.MouseButton.LeftButton:
            self.step_chosen.emit(step)
        elif self._total and not event.buttons():
            self.step_hovered.emit(step)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the mouse is over no step."""
        self.step_hovered.emit(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the new width."""
        super().resizeEvent(event)
        self._measure()

    def event(self, event: QEvent) -> bool:
        """Show a step's caption, and follow the screen to another resolution."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._measure()
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            step = self._strip.step_at(event.pos().x())
            known = self._total and step < len(self._captions)
            QToolTip.showText(event.globalPos(), self._captions[step] if known else "", self)
            return True
        return super().event(event)

    def _measure(self) -> None:
        self._strip = Strip(self._total, float(self.width()))
        self._scaled.clear()
        self.update()
