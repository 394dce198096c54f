"""The content of the line at the bottom of the window."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from studio.ui.elided_label import ElidedLabel
from studio.ui.ink import ink
from studio.ui.theme import current, scaled

_SHARES = 1000
_THICK = 4


class StatusContent(QWidget):
    """Say what is going on, how far it is, and what else there is to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(scaled(14) + 10)
        self.label = QLabel("", self)
        self.bar = SlimBar(self)
        self.percent = QLabel("", self)
        self.note = ElidedLabel("", self)
        self.percent.setMinimumWidth(scaled(36))
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(16)
        for label in (self.label, self.note):
            label.setProperty("role", "muted")
        self.percent.setProperty("role", "mono")
        row.addWidget(self.label)
        row.addWidget(self.bar)
        row.addWidget(self.percent)
        row.addWidget(self.note, 1)
        self.set_progress(None)

    def set_text(self, text: str) -> None:
        """Say what is going on, such as "Sampling 16 images"."""
        self.label.setText(text)

    def set_progress(self, share: float | None) -> None:
        """Show how far it is, from 0 to 1; None hides the bar."""
        self.bar.setVisible(share is not None)
        self.percent.setVisible(share is not None)
        if share is not None:
            self.bar.setValue(round(_SHARES * share))
            self.percent.setText(f"{100 * share:.0f} %")

    def set_note(self, text: str) -> None:
        """Say something else at the right end."""
        self.note.setText(text)


class SlimBar(QProgressBar):
    """Paint progress as a thin rounded line, in the colour of noise that is being removed.

    `accented`: in the colour of the estimate instead.
    """

    def __init__(self, parent: QWidget | None = None, *, accented: bool = False) -> None:
        super().__init__(parent)
        self._accented = accented
        self.setObjectName("progress")
        self.setAccessibleName("progress")
        self.setToolTip("How much of the run is done, in steps")
        self.setTextVisible(False)
        self.setRange(0, _SHARES)
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """Return the size of the line."""
        return QSize(scaled(220), _THICK)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line and the part of it that is done."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole, end = QRectF(self.rect()), _THICK / 2
        painter.setBrush(ink(current().track))
        painter.drawRoundedRect(whole, end, end)
        share = (self.value() - self.minimum()) / max(1, self.maximum() - self.minimum())
        if share > 0:
            done = QRectF(whole.topLeft(), whole.size())
            done.setWidth(max(float(_THICK), share * whole.width()))
            painter.setBrush(ink(current().accent if self._accented else current().noise))
            painter.drawRoundedRect(done, end, end)
