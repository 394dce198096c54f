"""A strip of colours with the numbers that they stand for."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.session.reading.prints import Legend
from studio.ui.ink import ink
from studio.ui.theme import current, mono_font, scaled

_BAR = 7  # height of the colours


class ColourScale(QWidget):
    """Paint the legend of a map; it is empty without one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("colour_scale")
        self.setAccessibleName("colour scale")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._legend: Legend | None = None
        self._colours = QImage()

    def sizeHint(self) -> QSize:
        """Return room for three numbers."""
        return QSize(scaled(168), scaled(26))

    @property
    def marks(self) -> tuple[str, ...]:
        """Return the numbers, from left to right."""
        return tuple(text for _, text in self._legend.marks) if self._legend is not None else ()

    def show_legend(self, legend: Legend | None) -> None:
        """Show the colours of a map and what they mean."""
        self._legend = legend
        if legend is not None:
            row = legend.table.tobytes()
            image = QImage(row, len(legend.table), 1, QImage.Format.Format_RGB888)
            self._colours = image.copy()
        self.setAccessibleDescription(" to ".join(self.marks))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the colours over their numbers."""
        if self._legend is None:
            return
        painter = QPainter(self)
        font = mono_font(10)
        metrics = QFontMetricsF(font)
        high = metrics.height()
        top = (self.height() - _BAR - 1 - high) / 2
        bar = QRectF(0.5, top, self.width() - 1, _BAR)
        painter.drawImage(bar, self._colours, QRectF(self._colours.rect()))
        painter.setPen(ink(current().line))
        painter.drawRect(bar)
        painter.setFont(font)
        painter.setPen(ink(current().label))
        for share, text in self._legend.marks:
            wide = metrics.horizontalAdvance(text) + 2
            left = min(max(share * self.width() - wide / 2, 0.0), self.width() - wide)
            place = QRectF(left, bar.bottom() + 1, wide, high)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
