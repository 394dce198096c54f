"""The button that plays and pauses."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from studio.ui.icons import paint_icon
from studio.ui.ink import ink
from studio.ui.theme import current, scaled

_ICON = 14


class PlayButton(QAbstractButton):
    """Show what pressing it does: play, or pause; `what`, and `whose`, say it in words."""

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        name: str = "play",
        what: str = "the trajectory",
        whose: str = " of the followed picture",
    ) -> None:
        super().__init__(parent)
        self._what, self._whose = what, whose
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._playing = False
        self.set_playing(False)

    def set_playing(self, playing: bool) -> None:
        """Offer to pause while `playing`, else to play."""
        self._playing = playing
        deed = "Pause" if playing else "Play"
        self.setAccessibleName(f"{deed.lower()} {self._what}")
        self.setToolTip(f"{deed} {self._what}{self._whose} (Space)")
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of a small button."""
        return QSize(scaled(30), scaled(26))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the face and the icon."""
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(ink(tokens.accent) if self.hasFocus() else Qt.PenStyle.NoPen)
        lit = self.isEnabled() and self.underMouse()
        painter.setBrush(ink(tokens.hover if lit else tokens.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        side = scaled(_ICON)
        place = QRectF(0, 0, side, side)
        place.moveCenter(QRectF(self.rect()).center() + QPointF(0 if self._playing else 0.5, 0))
        color = tokens.text if self.isEnabled() else tokens.disabled
        paint_icon(painter, "pause" if self._playing else "play", place, color)
