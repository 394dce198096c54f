"""A letter box that holds only the newest letter."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Hand the newest item from one thread to another; neither ever waits for the other.

    A sampler that is faster than the screen overwrites what was not yet painted, so that the
    window shows the present and not a growing queue of the past.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._item: T | None = None

    def put(self, item: T) -> bool:
        """Replace the item and return whether the box was empty, so that one notice suffices."""
        with self._lock:
            was_empty = self._item is None
            self._item = item
        return was_empty

    def take(self) -> T | None:
        """Empty the box and return what was in it, or None."""
        with self._lock:
            item, self._item = self._item, None
        return item
