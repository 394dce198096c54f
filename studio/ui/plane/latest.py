"""Work off the window's thread of which only the newest is wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject

from studio.engine.background import Background
from studio.engine.fault import Fault

T = TypeVar("T")
Order = tuple[Callable[[], object], Callable[[object], None], Callable[[Fault], None]]


class Latest(QObject):
    """Do one thing at a time; what waits is replaced by what is asked for next."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = Background(self)
        self._busy = False
        self._waiting: Order | None = None

    @property
    def busy(self) -> bool:
        """Tell whether something is under way or waits."""
        return self._busy

    def ask(
        self,
        work: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[Fault], None] = lambda _fault: None,
    ) -> None:
        """Call `work()` in the thread, then `then(result)` or `failed(fault)` in this one."""
        order: Order = (work, then, failed)  # type: ignore[assignment]  # each has its own type
        if self._busy:
            self._waiting = order
        else:
            self._start(order)

    def forget(self) -> None:
        """Drop what waits."""
        self._waiting = None

    def close(self) -> None:
        """Drop what waits and join the thread."""
        self.forget()
        self._thread.close()

    def _start(self, order: Order) -> None:
        work, then, failed = order
        self._busy = True
        self._thread.run(
            work, lambda result: self._done(then, result), lambda fault: self._done(failed, fault)
        )

    def _done(self, then: Callable[[T], None], result: T) -> None:
        self._next()
        then(result)

    def _next(self) -> None:
        self._busy = False
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._start(waiting)
