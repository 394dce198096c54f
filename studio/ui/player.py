"""The clock that plays a trajectory."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

_STEP_MS = 83  # 12 steps a second
_FASTEST_MS = 33
_LONGEST_MS = 6000  # a long run plays faster, to end within about this time


class Player(QObject):
    """Say when the next step is due, while playing."""

    due = Signal()
    """The next step is due."""
    toggled = Signal(bool)
    """Playing began or ended."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.due)

    @property
    def playing(self) -> bool:
        """Say whether the clock runs."""
        return self._timer.isActive()

    def start(self, total: int) -> None:
        """Begin to play a run of `total` steps."""
        self._timer.start(interval(total))
        self.toggled.emit(True)

    def stop(self) -> None:
        """Stop, if playing."""
        if self.playing:
            self._timer.stop()
            self.toggled.emit(False)


def interval(total: int) -> int:
    """Return the milliseconds between two steps of a run of `total` steps."""
    return max(_FASTEST_MS, min(_STEP_MS, _LONGEST_MS // max(1, total)))
