"""A slim slider with one handle or two, linear or logarithmic, that speaks in exact values."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy

from studio.ui.number_text import exact_text
from studio.ui.scale import Scale
from studio.ui.spoken import Spoken, say_changed
from studio.ui.theme import current, scaled
from studio.ui.tip import Described

PAD = 3  # room around the track for the ring of a handle, in design pixels
_TICKS = 1000  # places that assistive technology sees
KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_KEY_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_PageDown: -10,
    Qt.Key.Key_PageUp: 10,
}


class Slider(Described, QAbstractSlider):
    """Move one value, or the two ends of a band, along a scale.

    Arrow and page keys step the handle last touched, Home and End go to the ends, Space changes
    handles; a double click asks for the default.
    """

    moved = Signal(int, float)  # handle, value: by the person, also while dragging
    released = Signal()  # the end of a drag, or a key
    reset_requested = Signal()

    def __init__(self, scale: Scale, *, handles: int = 1, noise: bool = False) -> None:
        super().__init__()
        self.scale = scale
        self.noise = noise
        self.values = [scale.left, scale.right][:handles]
        self.active = 0  # the handle last touched
        self._grip: float | None = None  # pointer minus handle while dragging
        self._together = False  # both handles were taken hold of: the way they go decides
        self._ring = False
        self._syncing = False
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(0, _TICKS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.valueChanged.connect(self._on_position_set)

    def set_values(self, *values: float) -> None:
        """Show `values`, one for each handle, without a signal."""
        if list(values) != self.values:
            self.values = list(values)
            self._show()

    def set_scale(self, scale: Scale) -> None:
        """Change the ends; the values stay."""
        self.scale = scale
        self._show()

    def sizeHint(self) -> QSize:
        """Ask for the height of a row."""
        return QSize(scaled(104), scaled(24))

    def minimumSizeHint(self) -> QSize:
        """Stay usable in a narrow panel."""
        return QSize(scaled(48), scaled(24))

    def place(self, handle: int = 0) -> float:
        """Return the x of the middle of a handle, in pixels of the widget."""
        return self._start + self.scale.fraction(self.values[handle]) * self._length

    @property
    def _radius(self) -> float:
        return scaled(12) / 2

    @property
    def _start(self) -> float:
        return self._radius + scaled(PAD)

    @property
    def _length(self) -> float:
        return max(1.0, self.width() - 2 * self._start)

    # What assistive technology is told

    spoken_role = QAccessible.Role.Slider

    def spoken(self) -> Spoken:
        """Return the values, and that of the handle last touched as a number."""
        scale = self.scale
        words = " to ".join(exact_text(value) for value in self.values)
        value = self.values[self.active]
        step = abs(scale.stepped(value, 1) - value)
        return Spoken(words, value, scale.value(0.0), scale.value(1.0), step)

    def speak_value(self, value: float) -> None:
        """Give the handle last touched another value."""
        self._move(self.scale.value(self.scale.fraction(value)))
        self.released.emit()

    # What the person does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the nearest handle; on the bare track it comes to the pointer."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        x = event.position().x()
        self.active = self._nearest(x)
        self._together = len(set(self.values)) < len(self.values)
        off = x - self.place(self.active)
        self._grip = off if abs(off) <= self._radius + 1 else 0.0
        if self._grip == 0.0:
            self._drag_to(x)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle that is held."""
        if self._grip is not None:
            x = event.position().x() - self._grip
            if self._together:
                self.active, self._together = self._nearest(x), False
            self._drag_to(x)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self._grip is not None and event.button() == Qt.MouseButton.LeftButton:
            self._grip = None
            self.released.emit()
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the default."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.reset_requested.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step the handle last touched."""
        value = self.values[self.active]
        key = Qt.Key(event.key())
        if key in _KEY_STEPS:
            self._move(self.scale.stepped(value, _KEY_STEPS[key]))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._move(self.scale.value(0.0 if key == Qt.Key.Key_Home else 1.0))
        elif key == Qt.Key.Key_Space and len(self.values) > 1:
            self.active = 1 - self.active
            self._show()
            return
        else:
            event.ignore()
            return
        self._ring = True
        self.released.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn only with the focus; elsewhere the wheel scrolls the panel."""
        turns = event.angleDelta().y()
        if not self.hasFocus() or not turns:
            event.ignore()
            return
        self._move(self.scale.stepped(self.values[self.active], 1 if turns > 0 else -1))
        self.released.emit()
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring only for people who use the keyboard."""
        self._ring = event.reason() in KEYBOARD
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        self._ring = False
        super().focusOutEvent(event)

    def _nearest(self, x: float) -> int:
        """Return the handle nearest to `x`; of two in one place, the one on that side."""
        if len(self.values) == 1:
            return 0
        low, high = abs(x - self.place(0)), abs(x - self.place(1))
        return 0 if low < high or (low == high and x < self.place(0)) else 1

    def _drag_to(self, x: float) -> None:
        self._move(self.scale.value(min(max((x - self._start) / self._length, 0.0), 1.0)))

    def _move(self, value: float) -> None:
        """Give the active handle a value, no further than the other one."""
        if len(self.values) > 1:
            other = self.values[1 - self.active]
            value = min(value, other) if self.active == 0 else max(value, other)
        if value != self.values[self.active]:
            self.values[self.active] = value
            self._show()
            say_changed(self)
            self.moved.emit(self.active, value)

    def _show(self) -> None:
        """Bring picture and accessible position in line with the values."""
        self._syncing = True
        self.setValue(round(self.scale.fraction(self.values[self.active]) * _TICKS))
        self._syncing = False
        self.update()

    def _on_position_set(self, position: int) -> None:
        if not self._syncing:
            self._move(self.scale.value(position / _TICKS))
            self.released.emit()

    # How it looks

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint track, filled part and handles."""
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        fill = tokens.noise if self.noise else tokens.accent
        left, right = float(scaled(PAD)), float(self.width() - scaled(PAD))
        self._paint_bar(painter, left, right, tokens.track)
        places = [self.place(i) for i in range(len(self.values))]
        start = places[0] if len(places) > 1 else left
        self._paint_bar(painter, start, places[-1], fill if self.isEnabled() else tokens.disabled)
        for handle, place in enumerate(places):
            self._paint_handle(painter, place, fill, held=handle == self.active)

    def _paint_bar(self, painter: QPainter, start: float, stop: float, color: str) -> None:
        thick = scaled(4)
        bar = QRectF(start, (self.height() - thick) / 2, stop - start, thick)
        painter.setBrush(QColor(color))
        painter.drawRoundedRect(bar, thick / 2, thick / 2)

    def _paint_handle(self, painter: QPainter, x: float, fill: str, *, held: bool) -> None:
        tokens = current()
        middle = QPointF(x, self.height() / 2)
        if held and (self._ring or self._grip is not None):
            halo = QColor(fill)
            halo.setAlphaF(0.4)
            painter.setBrush(halo)
            painter.drawEllipse(middle, self._radius + PAD, self._radius + PAD)
        painter.setBrush(QColor(tokens.handle if self.isEnabled() else tokens.disabled))
        if tokens.name == "light":
            painter.setPen(QPen(QColor(fill if self.isEnabled() else tokens.line), 1.5))
        painter.drawEllipse(middle, self._radius - 0.5, self._radius - 0.5)
        painter.setPen(Qt.PenStyle.NoPen)
