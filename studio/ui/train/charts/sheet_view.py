"""The sheet of samples on the screen: whole, or one picture of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from studio.training.run_folder.sheet_plan import SheetPlan
from studio.ui.focus_ring import FocusRing
from studio.ui.ink import ink
from studio.ui.spoken import Spoken, say_changed
from studio.ui.theme import current, mono_font, scaled

_MARGIN = 8
_LINE = 16  # design pixels for the names of columns
_NOTCH = 120
_WASTEFUL = 0.8  # of the size that there is room for
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class SheetView(QWidget):
    """Show a sheet with its pixels as squares; a click or the wheel brings one picture close."""

    stepped = Signal(int)
    """The person asks for the sheet so many places later."""
    ended = Signal(bool)
    """The person asks for the newest sheet (True) or the first."""
    pointed = Signal(object)
    """The mouse is over this picture, counted from 0, or over none; or it is the one close by."""
    play_wanted = Signal()

    spoken_role = QAccessible.Role.Graphic

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet_view")
        self.setAccessibleName("samples")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(scaled(120), scaled(120))
        self.image = QImage()
        self.plan: SheetPlan | None = None
        self.close_up: int | None = None
        self.describe: Callable[[int], str] = lambda number: f"seed {number}"
        self.names: Sequence[str] = ()
        self._problem = ""
        self._said = ""
        self._hovered: int | None = None
        self._turned = 0
        FocusRing(self)

    def show_image(
        self, image: QImage, plan: SheetPlan | None, said: str, names: Sequence[str] = ()
    ) -> None:
        """Show a sheet; `said` is what it is for those who do not see it.

        names: what is written below every column, if the columns have names.
        """
        if plan != self.plan:
            self.close_up = None
        self.names = names
        self.image, self.plan, self._said, self._problem = image, plan, said, ""
        self.update()
        say_changed(self)

    def show_problem(self, problem: str) -> None:
        """Say why there is no sheet."""
        self.image, self.plan, self._problem, self._said = QImage(), None, problem, problem
        self._point(None)
        self.close_up = None
        self.update()
        say_changed(self)

    def picture(self) -> QImage:
        """Return what is shown: the sheet, or the picture close by."""
        box = self._source()
        return self.image.copy(box) if not self.image.isNull() else QImage()

    def look_at(self, number: int | None) -> None:
        """Bring a picture close, or show the whole sheet."""
        self.close_up = number if self.plan is not None else None
        self._point(self.close_up)
        self.update()

    def spoken(self) -> Spoken:
        """Return what is shown."""
        close = "" if self.close_up is None else f"{self.describe(self.close_up)}, "
        return Spoken(close + self._said)

    def speak_value(self, value: float) -> None:
        """Bring the picture of a seed close."""
        self.look_at(int(value))

    def sizeHint(self) -> QSize:
        """Ask for a good part of the tab."""
        return QSize(scaled(420), scaled(420))

    # Places

    def _source(self) -> QRect:
        """Return the part of the sheet that is shown, in its pixels."""
        if self.plan is None or self.close_up is None:
            return self.image.rect()
        return QRect(*self.plan.place(self.close_up), self.plan.width, self.plan.height)

    @property
    def frame(self) -> QRectF:
        """Return where it is shown.

        At a whole number of screen pixels to a pixel, where that does not waste much of the room.
        """
        size = self._source().size()
        density = self.devicePixelRatioF()
        below = scaled(_LINE) if self._named else 0
        sides = (self.width(), self.height() - below)
        room = [max(side - 2 * scaled(_MARGIN), 16) for side in sides]
        zoom = min(room[0] / max(size.width(), 1), room[1] / max(size.height(), 1))
        whole = floor(zoom * density) / density
        if whole >= _WASTEFUL * zoom:
            zoom = whole
        frame = QRectF(0, 0, size.width() * zoom, size.height() * zoom)
        frame.moveCenter(QRectF(self.rect()).center() - QPointF(0, below / 2))
        frame.moveTopLeft(QPointF(round(frame.x()), round(frame.y())))
        return frame

    def number_at(self, point: QPointF) -> int | None:
        """Return the picture under a point of the widget."""
        frame = self.frame
        if self.plan is None or not frame.contains(point):
            return None
        if self.close_up is not None:
            return self.close_up
        zoom = frame.width() / self.image.width()
        return self.plan.number_at((point.x() - frame.x()) / zoom, (point.y() - frame.y()) / zoom)

    # Looks

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the sheet and a line around the picture under the mouse."""
        tokens, painter = current(), QPainter(self)
        if self.image.isNull():
            painter.setPen(ink(tokens.muted))
            room = self.rect().adjusted(scaled(24), 0, -scaled(24), 0)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, self._problem)
            return
        frame, source = self.frame, QRectF(self._source())
        zoom = frame.width() * self.devicePixelRatioF() / source.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, zoom != round(zoom))
        if 1 < zoom != round(zoom):
            # Squares first, then their edges made soft where they fall between screen pixels.
            painter.drawImage(frame, _enlarged(self.image.copy(self._source()), ceil(zoom)))
        else:
            painter.drawImage(frame, self.image, source)
        if self._hovered is not None and self.close_up is None and self.plan is not None:
            painter.setPen(QPen(ink(tokens.accent), 2))
            painter.drawRect(self._cell(self._hovered).adjusted(-1, -1, 1, 1))
        if self._named:
            self._paint_names(painter, frame)

    def _paint_names(self, painter: QPainter, frame: QRectF) -> None:
        painter.setFont(mono_font(10))
        painter.setPen(ink(current().muted))
        metrics = painter.fontMetrics()
        for column, name in enumerate(self.names):
            cell = self._cell(column)
            room = QRectF(cell.x(), frame.bottom(), cell.width(), scaled(_LINE))
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

    @property
    def _named(self) -> bool:
        """Tell whether names stand below the columns."""
        return bool(self.names) and self.plan is not None and self.close_up is None

    def _cell(self, number: int) -> QRectF:
        """Return where a picture of the whole sheet is shown."""
        assert self.plan is not None
        frame = self.frame
        zoom = frame.width() / self.image.width()
        x, y = self.plan.place(number)
        wide, high = self.plan.width * zoom, self.plan.height * zoom
        return QRectF(frame.x() + x * zoom, frame.y() + y * zoom, wide, high)

    # What the person does

    def _point(self, number: int | None) -> None:
        if number != self._hovered:
            self._hovered = number
            self.setCursor(
                Qt.CursorShape.ArrowCursor if number is None else Qt.CursorShape.PointingHandCursor
            )
            self.pointed.emit(number)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which picture is under the mouse."""
        self._point(self.number_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._point(self.close_up)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the picture under the mouse close, or go back to all."""
        if event.button() == Qt.MouseButton.LeftButton and not self.image.isNull():
            at = self.number_at(event.position())
            self.look_at(None if self.close_up is not None else at)
            self._point(self.number_at(event.position()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Come close with the wheel, or go back."""
        self._turned += event.angleDelta().y()
        if abs(self._turned) >= _NOTCH:
            towards = self._turned > 0
            self._turned = 0
            at = self.number_at(event.position())
            if towards and self.close_up is None and at is not None:
                self.look_at(at)
            elif not towards and self.close_up is not None:
                self.look_at(None)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go through time with Left and Right, through pictures with Up and Down."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            self.stepped.emit(_STEPS[key])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.ended.emit(key == Qt.Key.Key_End)
        elif key == Qt.Key.Key_Space:
            self.play_wanted.emit()
        elif not self._look_by(key):
            super().keyPressEvent(event)

    def _look_by(self, key: Qt.Key) -> bool:
        """Look at another picture as a key asks; tell whether it asks for that."""
        if self.plan is None:
            return False
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(key)
        if step is not None:
            first = 0 if self._hovered is None else self._hovered
            at = first if self.close_up is None else (self.close_up + step) % self.plan.count
            self.look_at(at)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.close_up is None:
            self.look_at(self._hovered or 0)
        elif key == Qt.Key.Key_Escape and self.close_up is not None:
            self.look_at(None)
        else:
            return False
        return True


def _enlarged(image: QImage, times: int) -> QImage:
    size = image.size() * times
    return image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio)
