"""Let waiting jobs run one after another, with the model that each of them names."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.fault import Fault
from studio.engine.job import Ending
from studio.library import Recipe
from studio.session.comparing import Comparing
from studio.session.modeldesk import ModelDesk
from studio.session.queue import Queue, Waiting
from studio.session.sampling import Sampling
from studio.session.sweeping import SweepDesk


class Busy(Protocol):
    """What keeps the device busy now and then; its signal tells when."""

    running_changed: Any

    @property
    def running(self) -> bool:
        """Tell whether it does so now."""


class Queueing(QObject):
    """Start the next job whenever nothing runs; a job that fails does not stop the others.

    `here(recipe)` returns a recipe with its models where they are now; `again()` samples the
    present recipe with new seeds, which is what "forever" does when nothing waits. `others` may
    keep the device busy, too.
    """

    failed = Signal(object)  # Fault
    model_wanted = Signal(str)  # path

    def __init__(
        self,
        queue: Queue,
        sampling: Sampling,
        models: ModelDesk,
        others: Sequence[Comparing | SweepDesk],
        *,
        here: Callable[[Recipe], Recipe],
        again: Callable[[], None],
    ) -> None:
        super().__init__(queue)
        self._queue, self._sampling, self._models = queue, sampling, models
        self._others: list[Busy] = list(others)
        self._here, self._again = here, again
        self._current, self._job = "", 0
        self._closed = False
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._go_on)
        queue.changed.connect(self._timer.start)
        sampling.running_changed.connect(lambda _running: self._timer.start())
        for other in others:
            other.running_changed.connect(lambda _running: self._timer.start())
        models.opened.connect(lambda _info: self._timer.start())
        models.failed.connect(self._on_model_failed)
        sampling.ended.connect(self._on_ended)

    def heed(self, other: Busy) -> None:
        """Wait for something else, too, that keeps the device busy."""
        self._others.append(other)
        other.running_changed.connect(lambda _running: self._timer.start())

    def runs(self, job: int) -> bool:
        """Tell whether a job is one of the queue, which keeps it until it is done."""
        return bool(self._current) and job == self._job

    def close(self) -> None:
        """Start nothing any more; a job that is cut short now is done next time."""
        self._closed = True

    def stop(self) -> None:
        """Let what waits wait from now on; the person stopped what was running."""
        self._queue.set_forever(False)
        if self._queue.items:
            self._queue.hold(True)

    def _go_on(self) -> None:
        idle = not any(each.running for each in (self._sampling, *self._others))
        if self._closed or not idle or not self._models.ready:
            return
        if self._queue.items and not self._queue.held:
            self._start(self._queue.items[0])
        elif self._queue.forever and not self._queue.items:
            self._again()

    def _start(self, item: Waiting) -> None:
        recipe = self._here(item.recipe)
        path = recipe.model.path
        if path == self._models.path:
            self._current = item.id
            self._sampling.generate(recipe)
            self._job = self._sampling.job
        elif path and Path(path).exists():
            self.model_wanted.emit(path)
        else:
            self._drop(item, f"“{recipe.model.name or path}” is not here")

    def _drop(self, item: Waiting, why: str) -> None:
        self.failed.emit(Fault(f"A job of the queue was left out: {why}.", "Open its model again."))
        self._queue.remove(item.id)

    def _on_ended(self, ending: Ending) -> None:
        # A job that another one took the place of is still to be done.
        done, self._current = self._current, ""
        if done and ending.job == self._job and not self._closed:
            self._queue.remove(done)

    def _on_model_failed(self, path: str, _fault: Fault) -> None:
        for item in self._queue.items[:1]:
            if self._here(item.recipe).model.path == path and not self._queue.held:
                self._drop(item, f"“{Path(path).name}” cannot be opened")


def new_seeds(count: int) -> tuple[int, ...]:
    """Return seeds in a row from a random one on."""
    first = secrets.randbelow(2**31)
    return tuple(range(first, first + count))
