"""Turn the signals that ask a process to end into a wish that is met between two steps."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

_NAMES = ("SIGTERM", "SIGUSR1", "SIGINT")


class Signals:
    """Note SIGTERM, SIGUSR1 (a cluster's warning) and Ctrl-C while it is entered.

    A second Ctrl-C interrupts at once. Outside of the main thread nothing is noted.
    """

    def __init__(self) -> None:
        self.stop = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Signals":
        if threading.current_thread() is threading.main_thread():
            for name in _NAMES:
                if (number := getattr(signal, name, None)) is not None:
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            signal.signal(number, self._before[number])
        self.stop = True
