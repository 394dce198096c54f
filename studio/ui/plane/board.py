"""The square on which a distribution is painted."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.library.plane import Floats
from studio.session.sketch import Sketch
from studio.ui.ink import ink
from studio.ui.theme import current, scaled

_TICK_MS = 30
_MARGIN = 10  # pixels around the square
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class Board(QWidget):
    """Paint with the left button held, erase with the right one; the wheel sets the brush."""

    changed = Signal()
    """The sketch changed."""
    width_wanted = Signal(float)
    """The wheel asks for another width of the brush."""

    def __init__(self, sketch: Sketch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("board")
        self.setAccessibleName("drawing")
        self.setToolTip(
            "Hold the left button to spray points, the right one to erase; the wheel makes the "
            "brush wider. With the keyboard: arrows move the brush, Space sprays, Del erases"
        )
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.sketch = sketch
        self.width_of_brush = 0.06
        self.flow = 6
        self.label = 0
        self._held: Qt.MouseButton | None = None
        self._at: tuple[float, float] | None = None
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._act)

    def sizeHint(self) -> QSize:
        """Ask for a square."""
        return QSize(scaled(480), scaled(480))

    def minimumSizeHint(self) -> QSize:
        """Ask for a small square at least."""
        return QSize(scaled(260), scaled(260))

    # Places

    @property
    def square(self) -> QRectF:
        """Return where the square from -1 to 1 is, in pixels."""
        side = max(1, min(self.width(), self.height()) - 2 * _MARGIN)
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def place_of(self, point: QPointF) -> tuple[float, float]:
        """Return the place of the plane under a pixel."""
        square = self.square
        x = (point.x() - square.left()) / square.width() * 2 - 1
        y = 1 - (point.y() - square.top()) / square.height() * 2
        return x, y

    def pixel_of(self, x: float, y: float) -> QPointF:
        """Return where a place of the plane is seen."""
        square = self.square
        return QPointF(
            square.left() + (x + 1) / 2 * square.width(),
            square.top() + (1 - y) / 2 * square.height(),
        )

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self._stop()
            self._held, self._at = event.button(), self.place_of(event.position())
            self.sketch.begin()
            self._act()
            self._timer.start()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the stroke."""
        self._at = self.place_of(event.position())
        if self._held is not None:
            self._act()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        if event.button() == self._held:
            self._stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the brush."""
        if self._held is None:
            self._at = None
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ask for a wider or narrower brush."""
        self.width_wanted.emit(self.width_of_brush * 1.15 ** (event.angleDelta().y() / 120))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the brush with the arrows, spray with Space, erase with Del."""
        key = Qt.Key(event.key())
        x, y = self._at or (0.0, 0.0)
        if key in _ARROWS:
            right, up = _ARROWS[key]
            self._at = (min(1.0, max(-1.0, x + 0.04 * right)), min(1.0, max(-1.0, y + 0.04 * up)))
            self.update()
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Delete):
            erases = key == Qt.Key.Key_Delete
            self._at = (x, y)
            self._held = Qt.MouseButton.RightButton if erases else Qt.MouseButton.LeftButton
            self.sketch.begin()
            self._act()
            self._stop()
        else:
            super().keyPressEvent(event)

    def _act(self) -> None:
        if self._at is None or self._held is None:
            return
        x, y = self._at
        if self._held == Qt.MouseButton.RightButton:
            self.sketch.erase(x, y, max(2 * self.width_of_brush, 0.02))
        elif abs(x) <= 1 and abs(y) <= 1:
            self.sketch.spray(x, y, self.width_of_brush, self.flow, self.label)
        self.changed.emit()
        self.update()

    def _stop(self) -> None:
        self._timer.stop()
        if self._held is not None:
            self._held = None
            self.sketch.end()
            self.changed.emit()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the square, its points and the brush."""
        tokens, square = current(), self.square
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(ink(tokens.accent if self.hasFocus() else tokens.line), 1))
        painter.setBrush(ink(tokens.canvas))
        painter.drawRoundedRect(square, 6, 6)
        painter.setPen(QPen(ink(tokens.line), 1))
        middle = square.center()
        painter.drawLine(QPointF(square.left(), middle.y()), QPointF(square.right(), middle.y()))
        painter.drawLine(QPointF(middle.x(), square.top()), QPointF(middle.x(), square.bottom()))
        self._paint_points(painter)
        self._paint_brush(painter)

    def _paint_points(self, painter: QPainter) -> None:
        from studio.ui.plane.painting import class_colour, paint_points

        if not len(self.sketch):
            painter.setPen(ink(current().muted))
            painter.drawText(self.square, Qt.AlignmentFlag.AlignCenter, "Paint here")
            return
        places = self._pixels(self.sketch.points)
        colours = [class_colour(label) for label in self.sketch.labels.tolist()]
        paint_points(painter, places, colours, 0.6)

    def _paint_brush(self, painter: QPainter) -> None:
        if self._at is None:
            return
        erases = self._held == Qt.MouseButton.RightButton
        radius = max(2 * self.width_of_brush, 0.02) * self.square.width() / 2
        painter.setClipRect(self.square)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ink(current().error if erases else current().text, 0.7), 1.2))
        painter.drawEllipse(self.pixel_of(*self._at), radius, radius)

    def _pixels(self, points: Floats) -> Floats:
        square = self.square
        across = square.left() + (points[:, 0] + 1) / 2 * square.width()
        down = square.top() + (1 - points[:, 1]) / 2 * square.height()
        return np.stack([across, down], axis=1)
