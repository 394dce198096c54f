"""The canvas of the Restore page: a picture, and the mask over it that can be painted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from studio.ui.edit.mask.hand import Hand, words
from studio.ui.edit.mask.keys import deed_of
from studio.ui.edit.mask.model import Mask
from studio.ui.edit.mask.outline import paint_brush, paint_way
from studio.ui.edit.mask.overlay import Overlay
from studio.ui.edit.mask.shapes import Box, Point
from studio.ui.edit.mask.strip import WIDTH, ToolStrip
from studio.ui.edit.picture_canvas import Deed, PictureCanvas
from studio.ui.ink import ink
from studio.ui.spoken import Spoken, say_changed
from studio.ui.theme import DARK, scaled

_STRONG = 0.7  # opacity of what is masked, in a red that is seen on pictures in any theme
_BUTTONS = (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)


class MaskCanvas(PictureCanvas):
    """Show a picture; where it has a mask, let that be painted.

    Tools work with the left mouse button, their opposite with the right one; the middle one drags
    the picture about, and the wheel zooms.
    """

    words_changed = Signal(str)
    """What the tool in hand does, in words."""
    mask_changed = Signal()
    """A change of the mask is complete."""
    feather_wanted = Signal(int)
    """The edge of the mask is to fade over more (1) or fewer (-1) pixels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("edit_canvas")
        self.setAccessibleName("edit canvas")
        self.setAccessibleDescription("The arrow keys move the tool, the space bar begins and ends")
        self.hand = Hand()
        self.strip = ToolStrip(self)
        self.strip.hide()
        self.strip.tool_chosen.connect(self.take_tool)
        self.strip.deed_wanted.connect(self.do)
        self._overlay: Overlay | None = None
        self._at: Point | None = None

    def show_mask(self, mask: Mask | None) -> None:
        """Lay a mask of the picture's size over it and let it be painted; None shows none."""
        if self.hand.mask is not mask:
            self.hand.hold(mask)
            if mask is not None:
                mask.changed = self._on_mask_changed
                mask.settled = self._on_mask_settled
        self.strip.setVisible(mask is not None)
        self._renew_overlay()
        self._show_state()
        self._update_cursor()

    @property
    def painted_mask(self) -> Mask | None:
        """Return the mask that is painted."""
        return self.hand.mask

    def picture_area(self) -> QRect:
        """Return where the picture is: between the strip of tools and as much room opposite."""
        side = scaled(WIDTH) + 2 * self.margin
        room = self.rect().adjusted(side, 0, -side, 0)
        return room if room.width() >= room.height() // 2 else self.rect().adjusted(side, 0, 0, 0)

    # Deeds

    def take_tool(self, tool: str) -> None:
        """Take another tool in hand."""
        self.hand.take(tool)
        self.strip.show_tool(tool)
        self._say()

    def resize_brush(self, steps: int) -> None:
        """Take a larger or a smaller brush."""
        self.hand.resize(steps)
        self._say()

    def do(self, deed: str) -> None:
        """Do something to the whole mask: invert, fill, clear, undo or redo."""
        mask = self.hand.mask
        if mask is not None:
            self.hand.drop()
            getattr(mask, deed)()

    def steer(self, right: int, down: int) -> None:
        """Move the tool by so many pixels, as the arrow keys do; what was begun goes on."""
        width, height = self._stage.grid.width, self._stage.grid.height
        x, y = self._at or (width / 2, height / 2)
        self._at = (min(max(x + right, 0.0), width), min(max(y + down, 0.0), height))
        self.hand.move(self._at)
        self.update()

    def press(self) -> None:
        """Begin with the tool where it is, or complete what was begun, as the space bar does."""
        if self.hand.busy:
            self.hand.release()
        else:
            self.steer(0, 0)
            self.hand.press(self._at or (0.0, 0.0))
        self.update()

    def drop(self) -> None:
        """Take back what the tool has begun."""
        self.hand.drop()
        self.update()

    def spoken(self) -> Spoken:
        """Return what is shown, and how much of it is masked."""
        mask = self.hand.mask
        if mask is None or self._pictures is None:
            return super().spoken()
        return Spoken(f"mask over {100 * mask.share:.0f} % of the picture")

    # Painting

    def _paint_over(self, painter: QPainter, place: QRectF) -> None:
        super()._paint_over(painter, place)
        if self._overlay is not None and self.hand.mask is not None:
            zoom = self._stage.view.zoom
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, zoom < 1)
            painter.drawImage(place, self._overlay.image)
            self._paint_tool(painter, place.topLeft(), zoom)

    def _paint_tool(self, painter: QPainter, corner: QPointF, zoom: float) -> None:
        hand = self.hand
        if hand.busy and not hand.round:
            paint_way(painter, hand.way, zoom, corner)
        elif hand.round and self._at is not None:
            paint_brush(painter, self._at, hand.size, zoom, corner)

    # Mouse

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the cursor, or with Ctrl resize the brush."""
        if (
            self.painted_mask is not None
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.resize_brush(self._notches(event))
        else:
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to paint; another button takes back what was begun."""
        if self.hand.busy:
            self.drop()
        elif self.painted_mask is None or self._pictures is None or event.button() not in _BUTTONS:
            super().mousePressEvent(event)
        else:
            other = event.button() == Qt.MouseButton.RightButton
            straight = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.hand.press(self._pixel(event.position()), other=other, straight=straight)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with what was begun, and show the tool."""
        super().mouseMoveEvent(event)
        if self.painted_mask is not None and self._panned is None:
            self._at = self._pixel(event.position())
            self.hand.move(self._at)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Complete what was begun."""
        super().mouseReleaseEvent(event)
        if self.hand.busy:
            self.hand.release()
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Show no tool while the mouse is elsewhere."""
        self._at = None
        self.update()

    def _deed_of(self, event: QKeyEvent) -> Deed | None:
        deed = deed_of(self, event) if self.painted_mask is not None else None
        return deed or super()._deed_of(event)

    # In step with the mask

    def _on_mask_changed(self, box: Box) -> None:
        mask = self.hand.mask
        if mask is not None and self._overlay is not None:
            self._overlay.renew(mask, box)
            self.update()

    def _on_mask_settled(self) -> None:
        self._show_state()
        self.mask_changed.emit()

    def _show_state(self) -> None:
        mask = self.hand.mask
        if mask is not None:
            self.strip.show_state(
                undo=mask.can_undo, redo=mask.can_redo, empty=mask.empty, full=mask.full
            )
        self._say()
        say_changed(self)

    def _say(self) -> None:
        mask = self.hand.mask
        self.words_changed.emit("" if mask is None else words(self.hand, mask.feather))
        self.update()

    def _renew_overlay(self) -> None:
        mask = self.hand.mask
        self._overlay = None
        if mask is not None:
            self._overlay = Overlay(*mask.shape, ink(DARK.error, _STRONG))
            self._overlay.show(mask.soft())
        self.update()

    # In step with picture and room

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the strip in the middle of its side."""
        super().resizeEvent(event)
        top = max((self.height() - self.strip.height()) // 2, 0)
        self.strip.move(self.margin, top)

    def _update_cursor(self) -> None:
        super()._update_cursor()
        if self._pictures is not None and self.painted_mask is not None:
            self.setCursor(Qt.CursorShape.CrossCursor)

    def _pixel(self, point: QPointF) -> Point:
        return self._stage.view.to_picture(*self._device(point))
