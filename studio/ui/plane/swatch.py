"""A button that shows the colour of a class."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from studio.ui.ink import ink
from studio.ui.theme import current, sans_font, scaled


class Swatch(QAbstractButton):
    """Choose a class by its colour and name."""

    def __init__(self, label: int, name: str) -> None:
        super().__init__()
        self._label = label
        self.setText(name)
        self.setObjectName(f"draw_class_{label}")
        self.setAccessibleName(f"class {name}")
        self.setToolTip(
            f"Paint points of the {name} class; with more than one, the model can be asked for each"
        )
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """Return room for the dot and the name."""
        return QSize(scaled(80), scaled(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dot and the name, raised where it is chosen."""
        from studio.ui.plane.painting import class_colour

        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        face = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        lit = self.isChecked() or self.underMouse()
        painter.setPen(QPen(ink(tokens.accent), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(ink(tokens.hover) if self.isChecked() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(face, 6, 6)
        side = scaled(10)
        dot = QRectF(scaled(10), (self.height() - side) / 2, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink(class_colour(self._label)))
        painter.drawEllipse(dot)
        painter.setFont(sans_font(13))
        painter.setPen(ink(tokens.text if lit else tokens.muted))
        words = face.adjusted(scaled(28), 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
