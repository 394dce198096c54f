"""Look at a step for as long as the mouse is over it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

DWELL_MS = 90
"""How long the mouse has to stay over a plot before it is meant: one on its way moves nothing."""


class Peek(QObject):
    """Turn the mouse over plots and filmstrip into looks that end when it leaves.

    A look that came to stay would lose the step that a person was at whenever the mouse crosses a
    plot on its way to a button; one that goes back loses nothing, and a click keeps it.
    """

    began = Signal(int)
    """This step is to be looked at for now."""
    ended = Signal()
    """The mouse has left: what was looked at before comes back."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted: int | None = None
        self.active = False
        self._dwell = QTimer(self, singleShot=True, interval=DWELL_MS)
        self._dwell.timeout.connect(self._begin)

    def hover(self, step: int | None) -> None:
        """Take in the step under the mouse, None once it has left."""
        self._wanted = step
        if step is None:
            self._dwell.stop()
            if self.active:
                self.active = False
                self.ended.emit()
        elif self.active:
            self.began.emit(step)
        else:
            self._dwell.start()

    def keep(self) -> None:
        """Stay where it is: the person clicked, or did something else than look."""
        self._dwell.stop()
        self.active = False

    def _begin(self) -> None:
        if self._wanted is not None:
            self.active = True
            self.began.emit(self._wanted)
