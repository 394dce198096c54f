"""Make pictures of steps: small ones at once, large ones in a thread, of which the newest wins."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from studio.engine.background import Background
from studio.engine.fault import Fault, describe
from studio.library import LibraryError, TrajectoryError

T = TypeVar("T")

AT_ONCE = 2**20
"""Values of a batch up to which its pictures are made in a few milliseconds."""


class Darkroom(QObject):
    """Develop one picture after another; a wish that was overtaken is never begun."""

    failed = Signal(object)
    """A step could not be read: a Fault."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._wish = 0
        self._busy = False
        self._next: Callable[[], None] | None = None

    def develop(self, work: Callable[[], T], then: Callable[[T], None], values: int) -> None:
        """Call `then(work())`: at once where a batch has few `values`, else when it is ready."""
        self._wish += 1
        self._next = None
        if values <= AT_ONCE:
            try:
                made = work()
            except (LibraryError, TrajectoryError) as error:
                self.failed.emit(describe(error, "Reading a step"))
            else:
                then(made)
            return
        wish = self._wish

        def ready(made: T) -> None:
            if wish == self._wish:
                then(made)
            self._take_next()

        def failed(fault: Fault) -> None:
            self.failed.emit(fault)
            self._take_next()

        self._next = lambda: self._background.run(work, ready, failed, "Reading a step")
        if not self._busy:
            self._take_next()

    @property
    def busy(self) -> bool:
        """Tell whether a picture is being made."""
        return self._busy

    def forget(self) -> None:
        """Deliver nothing of what was asked for."""
        self._wish += 1
        self._next = None

    def close(self) -> None:
        """End the thread, without waiting for what is being made."""
        self.forget()
        self._background.close(drop=True)

    def _take_next(self) -> None:
        begin, self._next = self._next, None
        self._busy = begin is not None
        if begin is not None:
            begin()
