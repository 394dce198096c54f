"""Undo as a list of earlier values."""

import time
from typing import Generic, TypeVar

T = TypeVar("T")
MERGE_SECONDS = 0.7


class History(Generic[T]):
    """Keep earlier and undone values of one immutable thing.

    Values that follow each other under the same key within 0.7 s count as one change, so that a
    dragged slider is undone in one go.
    """

    def __init__(self, limit: int = 500) -> None:
        self._limit = limit
        self._past: list[T] = []
        self._future: list[T] = []
        self._last: tuple[str, float] = ("", 0.0)

    @property
    def can_undo(self) -> bool:
        """Tell whether there is an earlier value."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Tell whether there is an undone value."""
        return bool(self._future)

    def remember(self, value: T, key: str) -> None:
        """Put away `value`, which a change named `key` is about to replace."""
        now = time.monotonic()
        merged = key == self._last[0] and now - self._last[1] < MERGE_SECONDS and self._past
        self._last = (key, now)
        self._future.clear()
        if not merged:
            self._past.append(value)
            del self._past[: -self._limit]

    def undo(self, present: T) -> T:
        """Return the value before `present`, or `present` if there is none."""
        return self._move(self._past, self._future, present)

    def redo(self, present: T) -> T:
        """Return the value that undo replaced, or `present` if there is none."""
        return self._move(self._future, self._past, present)

    def _move(self, source: list[T], target: list[T], present: T) -> T:
        if not source:
            return present
        self._last = ("", 0.0)
        target.append(present)
        return source.pop()
