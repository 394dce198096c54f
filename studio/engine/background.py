"""Disk work in order, off the window's thread."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from studio.engine.fault import Fault, describe

T = TypeVar("T")


class Background(QObject):
    """Run callables one after another in one thread and hand the results to the window's thread."""

    _ended = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="disk")
        self._closed = False
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

        def task() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - becomes a message
                self._ended.emit(failed, describe(error, doing))
            else:
                self._ended.emit(then, result)

        future = self._pool.submit(task)
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

    def _deliver(self, callback: Callable[[Any], None], value: Any) -> None:
        callback(value)
