"""The line above the pictures: how far the run is, and which state of it is shown."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.ui.icon_button import IconButton
from studio.ui.ink import ink
from studio.ui.quiet_button import QuietButton
from studio.ui.theme import current, mono_font, scaled
from studio.ui.view_switch import ViewSwitch
from studio.ui.wrapping import SEPARATOR

_SLACK = 6  # characters by which the status may shrink before its pill follows
_ZOOM_TIP = (
    "Zoom: screen pixels per picture pixel.\n"
    "Press to fit the batch (0). The wheel, + and − zoom; 1 shows 100 %"
)
_FULL_TIP = "Show the pictures alone on the whole screen (F11)"
_LEAVE_TIP = "Leave the full screen (Esc)"
_ONION_TIP = "Onion skin: earlier and later x̂₀ faintly beneath the present one (O)"


class CanvasHeader(QWidget):
    """Show the status of the run, the onion skin and the switch between the views."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(scaled(26) + 18)
        self.pill = StatusPill(self)
        self.zoom = QuietButton("zoom", self)
        self.zoom.setFixedWidth(scaled(48))  # the switch beside it stays in its place
        self.zoom.setToolTip(_ZOOM_TIP)
        self.onion = IconButton("onion", "onion skin", _ONION_TIP, checked_icon="onion", side=26)
        self.onion.setObjectName("onion")
        self.switch = ViewSwitch(self)
        self.full = IconButton("expand", "full screen", _FULL_TIP)
        self.full.setObjectName("full_screen")
        self._floating = False
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 8)
        row.setSpacing(8)
        row.addWidget(self.pill, 1)
        row.addWidget(self.zoom)
        row.addWidget(self.onion)
        row.addWidget(self.switch)
        row.addWidget(self.full)

    def set_floating(self, floating: bool) -> None:
        """Say whether it lies over the pictures, on a ground of its own."""
        self._floating = floating
        self.full.set_icon("shrink" if floating else "expand")
        self.full.setAccessibleName("leave full screen" if floating else "full screen")
        self.full.setToolTip(_LEAVE_TIP if floating else _FULL_TIP)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground of a floating line."""
        if self._floating:
            QPainter(self).fillRect(self.rect(), ink(current().background))


class StatusPill(QWidget):
    """Paint a line of figures in a pill that does not tremble as the figures change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._columns = 0
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("status of the run")

    @property
    def text(self) -> str:
        """Return the status."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show `text`, elided where there is no room for it; an empty text hides the pill."""
        if text == self._text:
            return
        self._text = text
        if not len(text) <= self._columns <= len(text) + _SLACK:
            self._columns = len(text)
        self.setToolTip(text)
        self.setAccessibleDescription(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pill and its text."""
        if not self._text:
            return
        font = mono_font(12)
        metrics = QFontMetricsF(font)
        whole = shortened(self._text, self.width() - 17, metrics.horizontalAdvance)
        columns = self._columns if whole == self._text else len(whole)
        width = min(metrics.horizontalAdvance("0") * columns + 20, self.width())
        pill = QRectF(0, 0, width, self.height()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(ink(current().line))
        painter.setBrush(ink(current().panel))
        painter.drawRoundedRect(pill, 6, 6)
        painter.setFont(font)
        painter.setPen(ink(current().text))
        inner = pill.adjusted(9.5, 0, -8.5, 0)
        room = inner.width() + 1
        shown = metrics.elidedText(whole, Qt.TextElideMode.ElideRight, room)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, shown)


def shortened(text: str, room: float, width_of: Callable[[str], float]) -> str:
    """Return as many of the figures in `text`, between " · ", as there is room for; at least one.

    A figure is left out as a whole, since half a number misleads.
    """
    figures = text.split(SEPARATOR)
    while len(figures) > 1 and width_of(SEPARATOR.join(figures)) > room:
        figures.pop()
    return SEPARATOR.join(figures)
