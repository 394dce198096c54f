"""A slider over the steps of a run, aligned with the filmstrip above it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSlider, QWidget

from studio.ui.ink import ink
from studio.ui.spoken import Spoken
from studio.ui.strip import Strip
from studio.ui.theme import current

_GROOVE = 4.0
HANDLE = 14.0
"""The width of the handle, in pixels."""
_NOTCH = 120
_BY_KEY = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class StepSlider(QSlider):
    """Choose a step: its handle stands in the middle of the step's share of the width."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName("timeline")
        self.setAccessibleName("timeline")
        self.setToolTip(
            "The step that canvas and plots show.\n"
            "Left and Right step, Home and End jump, Space plays the trajectory"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setRange(0, 0)
        self._reached = 0
        self._ringed = False
        self._turned = 0

    def set_reached(self, count: int) -> None:
        """Mark the first `count` steps as there to be chosen."""
        self._reached = count
        self.update()

    spoken_role = QAccessible.Role.Slider

    def spoken(self) -> Spoken:
        """Return the step, counted from 1, and how many there are."""
        step, count = self.value() + 1, self.maximum() + 1
        return Spoken(f"step {step} of {count}", step, 1, count, 1)

    def speak_value(self, value: float) -> None:
        """Go to a step, counted from 1."""
        self._go(round(value) - 1)

    def sizeHint(self) -> QSize:
        """Return a height that is easy to hit."""
        return QSize(200, 24)

    def minimumSizeHint(self) -> QSize:
        """Return a height that is easy to hit."""
        return QSize(80, 24)

    def _strip(self) -> Strip:
        return Strip(self.maximum() + 1, float(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the groove, the passed part of it in the colour of noise, and the handle."""
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strip = self._strip()
        at = strip.x_of(self.sliderPosition())
        self._bar(painter, strip.width, tokens.track)
        self._bar(painter, self._reached * strip.width / strip.total, tokens.muted, 0.45)
        if self._reached:
            self._bar(painter, at, tokens.noise)
            self._paint_handle(painter, QPointF(at, self.height() / 2))

    def _bar(self, painter: QPainter, width: float, color: str, opacity: float = 1.0) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink(color, opacity))
        bar = QRectF(0, (self.height() - _GROOVE) / 2, width, _GROOVE)
        painter.drawRoundedRect(bar, _GROOVE / 2, _GROOVE / 2)

    def _paint_handle(self, painter: QPainter, middle: QPointF) -> None:
        tokens = current()
        ringed = self._ringed and self.hasFocus()
        painter.setPen(QPen(ink(tokens.accent), 2) if ringed else QPen(ink(tokens.text, 0.3), 1))
        painter.setBrush(ink(tokens.handle))
        painter.drawEllipse(middle, HANDLE / 2, HANDLE / 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Jump to the step under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._jump(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub."""
        if self.isSliderDown():
            self._jump(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End scrubbing."""
        self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step once per notch."""
        turn = event.angleDelta()
        self._turned += turn.y() or turn.x()
        steps = int(self._turned / _NOTCH)
        self._turned -= steps * _NOTCH
        self._go(self.value() - steps)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step with the keys, but leave Up and Down to the takes."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Ring the handle where the keyboard brought the focus."""
        self._ringed = event.reason() in _BY_KEY
        super().focusInEvent(event)

    def _jump(self, event: QMouseEvent) -> None:
        self._go(self._strip().step_at(event.position().x()))

    def _go(self, step: int) -> None:
        self.setValue(max(0, min(step, self._reached - 1)))
