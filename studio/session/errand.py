"""Long work on files that shows how far it is and stops when told."""

import threading
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from studio.engine.background import Background
from studio.engine.fault import Fault

T = TypeVar("T")
Tell = Callable[[int, int], bool]
"""Hear of what is done, and of how much; where it returns False, no more is done."""


class Errand(QObject):
    """Run in a thread of its own, one thing after another; `unit` is what its progress counts."""

    progressed = Signal(str, int, int)  # what is being done, how much of it is, of how much
    over = Signal()  # in whichever way
    failed = Signal(object)  # Fault
    unit = ""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = Background(self)
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Stop before the next unit."""
        self._cancelled.set()

    def close(self) -> None:
        """Cancel and join the thread."""
        self.cancel()
        self._thread.close()

    def _run(self, doing: str, work: Callable[[Tell], T], then: Callable[[T], None]) -> None:
        """Call `work(tell)` in the thread and `then(result)` in this one."""
        self._cancelled = cancelled = threading.Event()

        def tell(done: int, total: int) -> bool:
            self.progressed.emit(doing, done, total)
            return not cancelled.is_set()

        def end(result: T) -> None:
            self.over.emit()
            then(result)

        def fail(fault: Fault) -> None:
            self.over.emit()
            self.failed.emit(fault)

        self._thread.run(lambda: work(tell), end, fail, doing)
