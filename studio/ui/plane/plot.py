"""The widget that shows a planar trajectory, to zoom, to pan and to pick a point from."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from studio.library.plane import Floats
from studio.ui.plane.camera import STEP
from studio.ui.plane.sight import PlaneSight

NEAR = 10.0
"""Pixels from the mouse within which a path is hovered."""

_PAN = Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton


class PlanePlot(PlaneSight):
    """Show a step of a scene; the wheel zooms, a drag pans, a double click fits."""

    followed = Signal(int)
    """The person picked a point to follow: its index."""
    drag_requested = Signal(int)
    """Shift and drag: carry the picture out of the window."""
    menu_requested = Signal(int, QPoint)
    """A menu is wanted for a point (-1: none) at a global position."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self._pressed: QPointF | None = None
        self._panning = False

    def nearest(self, point: QPointF) -> int | None:
        """Return the path nearest to a point within reach, or None."""
        scene = self._scene
        if scene is None or not len(scene.track):
            return None
        marks, camera = scene.marks(self._step), self.camera
        groups: list[Floats] = [
            each for each in (marks.points, marks.estimates) if each is not None
        ]
        places = [camera.pixels(np.stack(groups))]
        if self._layer is not None and self._layer.camera == camera:
            places.append(self._layer.places)
        found = [_nearest(each, point) for each in places if len(each)]
        which, gap = min(found, key=lambda each: each[1])
        return which if gap <= NEAR else None

    def follow(self, index: int | None) -> None:
        """Follow a point as the person's wish, if there is such a one."""
        count = self._scene.track.count if self._scene is not None else 0
        if index is not None and 0 <= index < count and index != self._followed:
            self.set_followed(index)
            self.followed.emit(index)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the mouse."""
        if event.angleDelta().y():
            self.zoom_by(STEP ** (event.angleDelta().y() / 120), event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if self.parentWidget() is not None:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() in _PAN:
            self._pressed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, carry the picture out, or let the path under the mouse stand out."""
        if self._pressed is None or not event.buttons() & _PAN:
            self._hover(self.nearest(event.position()))
            return
        way = event.position() - self._pressed
        if not self._panning and way.manhattanLength() < QApplication.startDragDistance():
            return
        if not self._panning and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._pressed = None
            self.drag_requested.emit(self._followed)
            return
        self._panning = True
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._cameras[self.look.space] = self.camera.moved(way.x(), way.y())
        self._pressed = event.position()
        self._on_moved()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow the path that was clicked."""
        clicked = not self._panning and self._pressed is not None
        if clicked and event.button() == Qt.MouseButton.LeftButton:
            self.follow(self.nearest(event.position()))
        self._pressed = None
        self._panning = False
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit the plane."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """Let nothing stand out while the mouse is elsewhere."""
        self._hover(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the path under the mouse, or of the followed one."""
        found = self.nearest(QPointF(event.pos()))
        self.menu_requested.emit(self._followed if found is None else found, event.globalPos())

    def _hover(self, index: int | None) -> None:
        if index != self.hovered:
            self.hovered = index
            self._tell()
            self.update()


def _nearest(places: Floats, point: QPointF) -> tuple[int, float]:
    """Return which of places (N, B, 2) is nearest, as a number below B, and how far it is."""
    across, down = places[..., 0] - point.x(), places[..., 1] - point.y()
    squares = across * across + down * down
    best = int(squares.argmin())
    return best % squares.shape[1], float(squares.flat[best]) ** 0.5
