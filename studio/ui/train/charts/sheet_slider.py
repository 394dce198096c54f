"""A slider over the sheets of samples of a run, each at the time it was drawn."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.ui.ink import ink
from studio.ui.spoken import Spoken, say_changed
from studio.ui.step_slider import HANDLE, StepSlider
from studio.ui.theme import current
from studio.ui.tip import plain


@dataclass(frozen=True, slots=True)
class TimeStrip:
    """Put sheets at their kimg along `width` pixels, from 0 to `end` kimg."""

    places: Sequence[float]
    end: float
    width: float

    @property
    def total(self) -> int:
        """Return how many sheets there are, at least 1."""
        return max(1, len(self.places))

    def x_of(self, index: int) -> float:
        """Return the middle of a sheet's handle."""
        kimg = self.places[index] if index < len(self.places) else 0.0
        return HANDLE / 2 + kimg / max(self.end, 1e-9) * max(self.width - HANDLE, 1.0)

    def step_at(self, x: float) -> int:
        """Return the sheet nearest to a pixel."""
        kimg = (x - HANDLE / 2) / max(self.width - HANDLE, 1.0) * self.end
        return nearest(self.places, kimg)


def nearest(places: Sequence[float], kimg: float) -> int:
    """Return the index of the one of rising places that is nearest, 0 without any."""
    after = bisect_left(places, kimg)
    around = [index for index in (after - 1, after) if 0 <= index < len(places)]
    return min(around, key=lambda index: abs(places[index] - kimg), default=0)


class SheetSlider(StepSlider):
    """Choose a sheet; `marked` is one that others are compared with."""

    play_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet_slider")
        self.setAccessibleName("training time of the samples")
        tip = (
            "When in training the samples were drawn.\n"
            "Left and Right go to the sheet before and after, Home and End to the first and the "
            "newest; Space plays them"
        )
        self.setToolTip(tip)
        self.setAccessibleDescription(plain(tip))
        self.places: Sequence[float] = ()
        self.end = 0.0
        self.marked: int | None = None

    def set_places(self, places: Sequence[float], end: float) -> None:
        """Offer sheets at these kimg, along a time from 0 to `end`."""
        self.places, self.end = places, max(end, places[-1] if places else 0.0)
        self.setRange(0, max(len(places) - 1, 0))
        self.set_reached(len(places))

    def set_marked(self, marked: int | None) -> None:
        """Mark a sheet."""
        self.marked = marked
        self.update()

    def spoken(self) -> Spoken:
        """Return the time of the sheet."""
        if not self.places:
            return Spoken("no samples yet")
        index = self.value()
        words = f"{self.places[index]:g} kimg, sheet {index + 1} of {len(self.places)}"
        return Spoken(words, index + 1, 1, len(self.places), 1)

    def _strip(self) -> TimeStrip:  # type: ignore[override]  # it is asked for the same
        return TimeStrip(self.places, self.end, float(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a tick for every sheet below the groove, and a letter for the marked one."""
        super().paintEvent(event)
        tokens, strip = current(), self._strip()
        painter = QPainter(self)
        xs = [round(strip.x_of(index)) for index in range(len(self.places))]
        painter.setPen(ink(tokens.muted, 0.6))
        for x in dict.fromkeys(xs):
            painter.drawLine(x, self.height() - 3, x, self.height() - 1)
        if self.marked is not None and self.marked < len(xs):
            painter.fillRect(xs[self.marked] - 1, self.height() - 6, 3, 6, ink(tokens.accent))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step, and leave the keys of the pictures to them."""
        before = self.value()
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._go(before + (1 if event.key() == Qt.Key.Key_Right else -1))
        elif event.key() == Qt.Key.Key_Space:
            self.play_wanted.emit()
        else:
            super().keyPressEvent(event)
        if self.value() != before:
            say_changed(self)
