"""One picture, or two with a line between them that is dragged."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from studio.ui.atlas import Atlas
from studio.ui.edit.chequers import holes_image, paint_chequers
from studio.ui.focus_ring import FocusRing
from studio.ui.ink import ink
from studio.ui.picture_grid import PictureGrid
from studio.ui.spoken import Spoken, say_changed
from studio.ui.theme import current, mono_font, scaled

_NOTCH = 120  # a wheel's angle per notch, in eighths of a degree
_NAMES_HIGH = 20  # above the pictures, where the names of both sides stand
_COMMANDING = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_ZOOMS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
_LINE = {Qt.Key.Key_Left: -0.02, Qt.Key.Key_Right: 0.02}
Deed = Callable[[], object]


class PictureCanvas(PictureGrid):
    """Show a picture to zoom and drag about, or what was before and after over each other."""

    zoomed = Signal(float)
    """The picture is shown at another zoom; 0 where there is none."""

    margin = 24
    spoken_role = QAccessible.Role.Graphic

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(240, 160)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.share = 0.5
        """Where the line between before and after stands, from 0 to 1."""
        self._holes: QImage | None = None
        self._after = Atlas()
        self._pair: NDArray[np.uint8] | None = None
        self._names = ("", "")
        self._panned: QPointF | None = None
        self._turned = 0
        FocusRing(self)

    # What is shown

    def show_picture(
        self, pixels: NDArray[np.uint8] | None, holes: NDArray[np.uint8] | None = None
    ) -> None:
        """Show pixels: (H, W, 3) uint8, or the invitation.

        holes: (H, W) uint8, 255 where nothing is known, which is shown as chequers.
        """
        self._pair = None
        self._holes = None if holes is None else holes_image(holes)
        self._set(pixels)

    def show_pair(
        self, before: NDArray[np.uint8], after: NDArray[np.uint8], names: tuple[str, str]
    ) -> None:
        """Show before left of a line that can be dragged and after right of it, of one size."""
        self._pair, self._names, self._holes = after[None], names, None
        self._set(before)

    @property
    def wipes(self) -> bool:
        """Tell whether two pictures are shown with a line between."""
        return self._pair is not None

    def divide(self, share: float) -> None:
        """Put the line between before and after at a share of the width, from 0 to 1."""
        self.share = min(max(share, 0.0), 1.0)
        self.update()
        say_changed(self)

    def spoken(self) -> Spoken:
        """Return where the line between before and after stands, if there is one."""
        if self._pictures is None:
            return Spoken("no picture yet")
        if self._pair is None:
            return Spoken("picture")
        said = f"{self._names[0]} up to {100 * self.share:.0f} %, then {self._names[1]}"
        return Spoken(said, 100 * self.share, 0, 100, 2)

    def speak_value(self, value: float) -> None:
        """Put the line between before and after where assistive technology wants it."""
        if self.wipes:
            self.divide(value / 100)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture and what lies over it."""
        super().paintEvent(event)
        if self._pictures is None:
            return
        painter = QPainter(self)
        painter.setClipRect(self.picture_area())
        self._enter_device(painter)
        self._paint_over(painter, QRectF(*self._stage.place(0)))

    def _paint_over(self, painter: QPainter, place: QRectF) -> None:
        """Paint what lies over the picture at `place`, in device pixels."""
        if self._pair is not None:
            self._paint_after(painter, place)
        if self._holes is not None:
            width, height = self._stage.area
            paint_chequers(painter, self._holes, place, QRectF(0, 0, width, height))

    def _enter_device(self, painter: QPainter) -> None:
        ratio = self.devicePixelRatioF()
        corner = self.picture_area().topLeft()
        exact = painter.deviceTransform().map(QPointF(corner))
        painter.translate(QPointF(corner) + (QPointF(exact.toPoint()) - exact) / ratio)
        painter.scale(1 / ratio, 1 / ratio)

    def _paint_after(self, painter: QPainter, place: QRectF) -> None:
        x = float(round(place.left() + self.share * place.width()))
        width, height = self._stage.area
        painter.save()
        painter.setClipRect(QRectF(x, 0, max(width - x, 0), height), Qt.ClipOperation.IntersectClip)
        self._after.draw(painter, self._stage.view, QSize(round(width), round(height)))
        painter.restore()
        side = self.devicePixelRatioF()
        for wide, colour in ((2 * side, ink("#000000", 0.6)), (side, ink("#ffffff"))):
            painter.fillRect(QRectF(x - wide, place.top(), 2 * wide, place.height()), colour)
        self._paint_names(painter, place, x)

    def _paint_names(self, painter: QPainter, place: QRectF, x: float) -> None:
        """Write what is on which side above the picture, as far as there is room."""
        ratio = self.devicePixelRatioF()
        painter.save()
        painter.setClipping(False)
        painter.scale(ratio, ratio)
        painter.setFont(mono_font(11))
        painter.setPen(ink(current().muted))
        high = scaled(_NAMES_HIGH)
        line = QRectF(place.left() / ratio, place.top() / ratio - high, place.width() / ratio, high)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, self._names[0])
        painter.setPen(ink(current().accent))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, self._names[1])
        painter.restore()

    # Mouse

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the cursor."""
        steps = self._notches(event)
        if steps and self._pictures is not None:
            self._stage.zoom_by(steps, *self._device(event.position()))
            self._redraw()

    def _notches(self, event: QWheelEvent) -> int:
        """Return how many notches the wheel has turned since it was last asked."""
        self._turned += event.angleDelta().y()
        steps = int(self._turned / _NOTCH)
        self._turned -= steps * _NOTCH
        return steps

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to move the line, or to drag the picture about."""
        if self._pictures is None:
            return
        if self.wipes and event.button() == Qt.MouseButton.LeftButton:
            self._divide_at(event.position())
        else:
            self._panned = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the line, or drag the picture about."""
        point = event.position()
        if self._panned is not None:
            way = (point - self._panned) * self.devicePixelRatioF()
            self._stage.pan(way.x(), way.y())
            self._panned = point
            self._redraw()
        elif self.wipes and event.buttons():
            self._divide_at(point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the picture."""
        self._panned = None

    # Keys

    def event(self, event: QEvent) -> bool:
        """Keep the keys that mean something here from the window's commands."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self._deed_of(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with 0, 1, + and −, and move the line with the arrow keys."""
        deed = self._deed_of(event)
        if deed is None:
            super().keyPressEvent(event)
        else:
            deed()

    def _deed_of(self, event: QKeyEvent) -> Deed | None:
        """Return what a key does now, or None where it means nothing here."""
        key = Qt.Key(event.key())
        if self._pictures is None or event.modifiers() & _COMMANDING:
            return None
        if self.wipes and key in _LINE:
            return partial(self.divide, self.share + _LINE[key])
        if key in _ZOOMS:
            return partial(self.zoom_by, _ZOOMS[key])
        if key == Qt.Key.Key_0:
            return self.fit
        return partial(self.zoom_to, 1.0) if key == Qt.Key.Key_1 else None

    # In step with picture and room

    def _set(self, pixels: NDArray[np.uint8] | None) -> None:
        if pixels is None:
            self.clear()
        else:
            self.set_pictures(pixels[None])
        self._update_cursor()

    def _redraw(self) -> None:
        super()._redraw()
        if self._pair is not None and self._pictures is not None:
            self._after.fill(self._pair, self._stage.grid, ink(current().canvas))
        self.zoomed.emit(0.0 if self._pictures is None else self.zoom)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._after.reset()
        super().changeEvent(event)

    def _update_cursor(self) -> None:
        if self._pictures is None:
            self.unsetCursor()
        else:
            shape = Qt.CursorShape.SplitHCursor if self.wipes else Qt.CursorShape.OpenHandCursor
            self.setCursor(shape)

    def _divide_at(self, point: QPointF) -> None:
        place = self.picture_rect(0)
        self.divide((point.x() - place.left()) / place.width())
