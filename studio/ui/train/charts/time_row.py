"""The row below the samples: play, the slider over the time of training, and its labels."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.ui.play_button import PlayButton
from studio.ui.theme import scaled
from studio.ui.train.charts.captions import time_text
from studio.ui.train.charts.sheet_slider import SheetSlider

_SIDES = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)


class TimeRow(QWidget):
    """Choose a sheet by its time; `middle` says which one is shown."""

    chosen = Signal(int)
    """The person moved the slider to this sheet."""
    play_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = SheetSlider()
        self.play = PlayButton(name="sheet_play", what="the samples over training", whose="")
        self.first, self.middle, self.last = QLabel(), QLabel(), QLabel()
        self.middle.setObjectName("sheet_time")
        self.slider.valueChanged.connect(self.chosen)
        self.slider.play_wanted.connect(self.play_wanted)
        self.play.clicked.connect(self.play_wanted)
        self._lay_out()

    def _lay_out(self) -> None:
        labels = QHBoxLayout()
        for label, side in zip((self.first, self.middle, self.last), _SIDES, strict=True):
            label.setProperty("role", "mono")
            label.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            labels.addWidget(label, 1)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addWidget(self.slider)
        right.addLayout(labels)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(scaled(8))
        row.addWidget(self.play, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(right, 1)

    def show_sheets(
        self, places: Sequence[float], end: float, index: int, marked: int | None
    ) -> None:
        """Show sheets at these kimg, the chosen and the marked one, until `end` kimg."""
        several = len(places) > 1
        with QSignalBlocker(self.slider):
            self.slider.set_places(places, end)
            self.slider.setValue(index)
        self.slider.set_marked(marked if several else None)
        for widget in (self.play, self.slider):
            widget.setEnabled(several)
        self.first.setText("0 kimg" if places else "")
        self.last.setText(time_text(self.slider.end) if places else "")
