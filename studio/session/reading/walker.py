"""Walk along trajectories in a thread of its own, a little at a time."""

import time
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from studio.engine.background import Background
from studio.engine.fault import Fault

TURN_SECONDS = 0.05
"""How long a thread measures before it tells of it and looks whether that is still wanted."""


class Walk(Protocol):
    """Something that is measured step by step."""

    @property
    def place(self) -> int:
        """Return how many steps were walked."""

    @property
    def end(self) -> int:
        """Return how many steps there are to be walked now."""

    def advance(self) -> None:
        """Measure the next step."""


class Walker(QObject):
    """Take a walk as far as it leads now; another walk ends the one before."""

    came_further = Signal()
    """Some steps more were measured."""
    failed = Signal(object)
    """The trajectory could not be read: a Fault."""

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._under_way: Walk | None = None
        self.walk: Walk | None = None

    def begin(self, walk: Walk | None) -> None:
        """Take this walk from now on; None takes none."""
        self.walk = walk
        self.go_on()

    def go_on(self) -> None:
        """Measure the steps that have come since, unless that is under way."""
        walk = self.walk
        if walk is None or walk is self._under_way or walk.place >= walk.end:
            return
        self._under_way = walk

        def failed(fault: Fault) -> None:
            if self._is_left(walk):
                return
            self.walk = None
            self.failed.emit(fault)

        self._background.run(
            lambda: _walk_on(walk), lambda _: self._on_walked(walk), failed, "Reading the steps"
        )

    def _on_walked(self, walk: Walk) -> None:
        if not self._is_left(walk):
            self.came_further.emit()
            self.go_on()

    def _is_left(self, walk: Walk) -> bool:
        if self._under_way is walk:
            self._under_way = None
        return walk is not self.walk


def _walk_on(walk: Walk) -> None:
    until = time.perf_counter() + TURN_SECONDS
    while walk.place < walk.end:
        walk.advance()
        if time.perf_counter() > until:
            return
