"""Disk work in order, off the window's thread."""

import itertools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from studio.engine.fault import Fault, describe

T = TypeVar("T")
_Job = tuple[Callable[[], Any], Callable[[Any], None], Callable[[Fault], None]]


class Background(QObject):
    """Run callables one after another in one thread and hand the results to the window's thread.

    What it is given is let go of in the window's thread: a QObject that nothing else holds by then
    must not end in the other one.
    """

    _ended = Signal(int, object, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="disk")
        self._closed = False
        self._numbers = itertools.count()
        self._jobs: dict[int, _Job] = {}
        self._waiting: set[Future[Any]] = set()
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[Fault], None],
        doing: str = "",
    ) -> None:
        """Call `work()` in the thread, then `then(result)` or `failed(fault)` in this one.

        After `close()` nothing is begun any more.
        """
        if self._closed:
            return

        number = next(self._numbers)
        self._jobs[number] = (work, then, failed)
        future = self._pool.submit(self._do, number, doing)
        self._waiting.add(future)
        future.add_done_callback(self._waiting.discard)

    @property
    def busy(self) -> bool:
        """Tell whether anything is waiting or under way."""
        return bool(self._waiting)

    def close(self, *, drop: bool = False) -> None:
        """Finish all that was handed in and join the thread; with `drop`, leave without waiting."""
        self._closed = True
        self._pool.shutdown(wait=not drop, cancel_futures=drop)

    def _do(self, number: int, doing: str) -> None:
        """Do a job, in the thread; nothing here may hold on to it once its end is told."""
        value, well = None, True
        try:
            value = self._jobs[number][0]()
        except Exception as error:  # noqa: BLE001 - becomes a message
            value, well = describe(error, doing), False
        self._ended.emit(number, value, well)

    def _deliver(self, number: int, value: Any, well: bool) -> None:
        _, then, failed = self._jobs.pop(number)
        (then if well else failed)(value)
