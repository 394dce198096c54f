"""The scale of colours: from the best figure to the worst, or as a table of colours goes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.library.sweeps import heat
from studio.ui.ink import ink
from studio.ui.theme import current, mono_font, scaled

_BAR, _THICK, _GAP = 96, 8, 8
_STOPS = 9


class HeatLegend(QWidget):
    """Paint a bar from best to worst between two figures; `colour` gives that of a share."""

    def __init__(
        self,
        parent: QWidget | None = None,
        name: str = "sweep_legend",
        colour: Callable[[float], str] = heat,
    ) -> None:
        super().__init__(parent)
        self._colour = colour
        self.setObjectName(name)
        self.setAccessibleName("scale of the colours")
        self.ends = ("", "")
        self.hide()

    def show_scale(self, low: str, high: str, tip: str) -> None:
        """Show the scale between two figures."""
        self.ends = (low, high)
        self.setToolTip(tip)
        self.updateGeometry()
        self.show()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of bar and figures."""
        metrics = QFontMetrics(mono_font(11))
        wide = sum(metrics.horizontalAdvance(text) for text in self.ends)
        return QSize(wide + scaled(_BAR + 2 * _GAP), scaled(18))

    def minimumSizeHint(self) -> QSize:
        """Never be cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the figures and the bar between them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(mono_font(11))
        painter.setPen(ink(current().muted))
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), flags | Qt.AlignmentFlag.AlignLeft, self.ends[0])
        painter.drawText(self.rect(), flags | Qt.AlignmentFlag.AlignRight, self.ends[1])
        left = QFontMetrics(mono_font(11)).horizontalAdvance(self.ends[0]) + scaled(_GAP)
        bar = QRectF(left, (self.height() - scaled(_THICK)) / 2, scaled(_BAR), scaled(_THICK))
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for stop in range(_STOPS):
            gradient.setColorAt(stop / (_STOPS - 1), QColor(self._colour(stop / (_STOPS - 1))))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(bar, 3, 3)
