"""A switch: a check box that looks like what it does."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from studio.ui.theme import current, scaled
from studio.ui.tip import Described

_WIDTH, _HEIGHT = 30, 16


class Switch(Described, QCheckBox):
    """Turn something on or off; assistive technology meets a check box."""

    def __init__(self, name: str = "", label: str = "", tip: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setToolTip(tip)
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """Ask for the pill and room for its ring."""
        return QSize(scaled(_WIDTH) + 6, scaled(24))

    def hitButton(self, pos: object) -> bool:
        """Take clicks anywhere on the widget."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a pill whose knob stands right when on."""
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide, high = scaled(_WIDTH), scaled(_HEIGHT)
        pill = QRectF(3, (self.height() - high) / 2, wide, high)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 1.5))
            ring = pill.adjusted(-2, -2, 2, 2)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
        on = tokens.accent if self.isEnabled() else tokens.disabled
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(on if self.isChecked() else tokens.track))
        painter.drawRoundedRect(pill, high / 2, high / 2)
        left = pill.right() - high / 2 if self.isChecked() else pill.left() + high / 2
        painter.setBrush(QColor(tokens.handle if self.isEnabled() else tokens.muted))
        painter.drawEllipse(QPointF(left, pill.center().y()), high / 2 - 2, high / 2 - 2)
