"""The canvas: the batch under a line of figures, to zoom, to pan and to pick a picture from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QVBoxLayout, QWidget

from studio.ui.canvas_header import CanvasHeader
from studio.ui.focus_ring import FocusRing
from studio.ui.picture_grid import PictureGrid
from studio.ui.plane.pane import PlanePane
from studio.ui.spoken import Spoken, say_changed
from studio.ui.theme import scaled

_TIGHT = 4  # the margin under a line of controls, so that the pictures can stay as they are
_NOTCH = 120  # a wheel's angle per notch, in eighths of a degree
_PAN = Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton
_COMMANDING = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_ZOOMS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
_WAYS = {  # pictures to the right, rows down
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
INVITATION = ("Press Generate to watch pictures form", "Ctrl + Enter")
"""What the canvas says at first."""


class Canvas(PictureGrid):
    """Show a batch of pictures; one of them is followed by the timeline."""

    followed = Signal(int)
    """The person picked a picture to follow: its index."""
    view_changed = Signal(str)
    """The person chose a view: its id."""
    copy_requested = Signal()
    """Ctrl+C: copy the followed picture."""
    drag_requested = Signal(int)
    """Shift and drag: carry the picture with this index out of the window."""
    menu_requested = Signal(int, QPoint)
    """A menu is wanted for a picture (-1: none) at a global position."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName("canvas")
        self.setAccessibleDescription("Shift and an arrow follow another picture")
        self.setMinimumSize(240, 160)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._captions: Sequence[str] = ()
        self._pressed: QPointF | None = None
        self._panning = False
        self._turned = 0
        self._immersed = False
        self.header = CanvasHeader(self)
        self.header.switch.chosen.connect(self.view_changed)
        self.header.zoom.clicked.connect(self._on_zoom_pressed)
        self.plane = PlanePane(self)
        self.plane.hide()
        self.plane.plot.setFocusProxy(self)
        self.plane.plot.zoomed.connect(self._show_plane_zoom)
        self.plane.plot.drag_requested.connect(self.drag_requested)
        self.plane.plot.menu_requested.connect(self.menu_requested)
        self.plane.plot.followed.connect(self.followed)
        FocusRing(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.plane, 1)
        column.addStretch(0)
        self._column = column
        self._bar: QWidget | None = None
        self._cover: QWidget | None = None

    def add_bar(self, bar: QWidget) -> None:
        """Take in a line of controls that stands between header and pictures; hidden at first."""
        bar.setFixedHeight(scaled(24) + 4)
        bar.setVisible(False)
        self._bar = bar
        self._column.insertWidget(1, bar)

    def show_bar(self, shown: bool) -> None:
        """Show the line of controls, or give its room to the pictures."""
        if self._bar is not None and shown == self._bar.isHidden():
            self._bar.setVisible(shown)
            self.margin = _TIGHT if shown else PictureGrid.margin
            self._make_room()

    def add_cover(self, cover: QWidget) -> None:
        """Take in what can be shown in place of the pictures; hidden at first."""
        cover.setParent(self)
        cover.hide()
        self._cover = cover

    def show_cover(self, shown: bool) -> None:
        """Show the cover in place of the pictures, or the pictures; it takes over the focus."""
        cover = self._cover
        if cover is None or shown != cover.isHidden():
            return
        focused = self.hasFocus() or cover.hasFocus()
        cover.setVisible(shown)
        self._make_room()
        if focused:
            (cover if shown else self).setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give pictures and cover the room there is now."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        if self._cover is not None:
            self._cover.setGeometry(self.picture_area())
        self._measure()
        self.update()

    def set_status(self, text: str) -> None:
        """Show how far the run is in the line above the pictures."""
        self.header.pill.set_text(text)

    spoken_role = QAccessible.Role.Graphic

    def spoken(self) -> Spoken:
        """Return which picture is followed, and how far its run is."""
        if self._pictures is None:
            return Spoken("no pictures yet")
        index = self._followed
        caption = self._captions[index] if index < len(self._captions) else ""
        place = f"picture {index + 1} of {len(self._pictures)}"
        words = (place, caption, self.header.switch.view_name, self.header.pill.text)
        return Spoken(", ".join(filter(None, words)))

    def speak_value(self, value: float) -> None:
        """Take no value: the arrow keys with Shift choose a picture."""

    def set_view(self, view: str) -> None:
        """Mark a view as shown, by its id, without a signal."""
        self.header.switch.show_segment(view)

    def show_plane(self, shown: bool) -> None:
        """Show the plane, which is told what to show, in place of the pictures, or these again."""
        if shown != self.plane.isVisibleTo(self):
            self.plane.setVisible(shown)
            self._redraw()

    def set_followed(self, index: int) -> None:
        """Outline the picture `index` as the followed one; in the plane its path stands out."""
        super().set_followed(index)
        self.plane.set_followed(index)

    def set_captions(self, captions: Sequence[str]) -> None:
        """Set the tool tips of the pictures, such as their seeds."""
        self._captions = captions

    def picture_area(self) -> QRect:
        """Return where pictures are: below header and controls, or all where these float."""
        if self._immersed:
            return self.rect()
        bar = self._bar.minimumHeight() if self._bar is not None and not self._bar.isHidden() else 0
        return self.rect().adjusted(0, self.header.height() + bar, 0, 0)

    def set_immersed(self, immersed: bool) -> None:
        """Give the pictures all the room, with the header over them, or put them below it."""
        self._immersed = immersed
        self.header.set_floating(immersed)
        self._measure()
        self._redraw()

    def _redraw(self) -> None:
        super()._redraw()
        zoom = self.zoom
        figure = f"{zoom:.3g}×" if zoom >= 1 else f"{100 * zoom:.0f} %"
        if not self.plane.isVisibleTo(self):
            self.header.zoom.set_text("" if self._pictures is None else figure)

    def _show_plane_zoom(self, zoom: float) -> None:
        if self.plane.isVisibleTo(self):
            self.header.zoom.set_text(f"{zoom:.3g}×")

    def _on_zoom_pressed(self) -> None:
        if self.plane.isVisibleTo(self):
            self.plane.plot.fit()
        else:
            self.fit()

    # Mouse

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the cursor, one step per notch."""
        if self._pictures is None:
            return
        self._turned += event.angleDelta().y()
        steps = int(self._turned / _NOTCH)
        self._turned -= steps * _NOTCH
        if steps:
            self._stage.zoom_by(steps, *self._device(event.position()))
            self._redraw()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if event.button() in _PAN:
            self._pressed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, carry a picture out, or outline the picture under the mouse."""
        if self._pressed is None or not event.buttons() & _PAN:
            self._hover(self.picture_at(event.position()))
            return
        way = event.position() - self._pressed
        if not self._panning and way.manhattanLength() < QApplication.startDragDistance():
            return
        if not self._panning and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._carry_out(self._pressed)
            return
        self._pan(way * self.devicePixelRatioF())
        self._pressed = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow the picture that was clicked."""
        clicked = not self._panning and self._pressed is not None
        if clicked and event.button() == Qt.MouseButton.LeftButton:
            self.follow(self.picture_at(event.position()))
        self._pressed = None
        self._panning = False
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit the batch."""
        if self._pictures is not None and event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """Outline nothing while the mouse is elsewhere."""
        self._hover(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the picture under the mouse, or of the followed one."""
        mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.picture_at(QPointF(event.pos())) if mouse else self._followed
        self.menu_requested.emit(-1 if index is None else index, event.globalPos())

    def event(self, event: QEvent) -> bool:
        """Show the caption of the picture under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_caption(event)
            return True
        return super().event(event)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with 0, 1, + and −, copy with Ctrl+C, follow a neighbour with Shift and an arrow."""
        planar = self.plane.isVisibleTo(self)
        if not ((planar or self._pictures is not None) and self._obey(event)):
            super().keyPressEvent(event)

    def _obey(self, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit()
            return True
        key = Qt.Key(event.key())
        if event.modifiers() & _COMMANDING:
            return False
        if self.plane.isVisibleTo(self):
            return self.plane.obey(event)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and key in _WAYS:
            right, down = _WAYS[key]
            self.follow(self._followed + right + down * self.columns)
            return True
        if key == Qt.Key.Key_0:
            self.fit()
        elif key == Qt.Key.Key_1:
            self.zoom_to(1.0)
        elif key in _ZOOMS:
            self.zoom_by(_ZOOMS[key])
        else:
            return False
        return True

    # Deeds

    def follow(self, index: int | None) -> None:
        """Follow a picture as the person's wish, if there is such a one."""
        if self.plane.isVisibleTo(self):
            self.plane.plot.follow(index)
            return
        if index is None or self._pictures is None or not 0 <= index < len(self._pictures):
            return
        if index != self._followed:
            self.set_followed(index)
            say_changed(self)
            self.followed.emit(index)

    def _hover(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            self.update()

    def _pan(self, way: QPointF) -> None:
        self._panning = True
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._stage.pan(way.x(), way.y())
        self.update()

    def _carry_out(self, start: QPointF) -> None:
        self._pressed = None
        index = self.picture_at(start)
        if index is not None:
            self.drag_requested.emit(index)

    def _show_caption(self, event: QHelpEvent) -> None:
        index = self.picture_at(QPointF(event.pos()))
        if index is None or index >= len(self._captions):
            QToolTip.hideText()
            return
        around = self.picture_rect(index).toAlignedRect()
        QToolTip.showText(event.globalPos(), self._captions[index], self, around)
