"""Read from the disk what is needed next, while the network is at work."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import torch
from torch import Tensor

_MOST = 64


class Ahead:
    """Call `read(first, count)` in a thread for what is expected; it must depend on nothing else.

    What was not expected is read at once, so that expectations change the speed and nothing more.
    For a GPU the tensors lie in pinned memory, from where they are copied without waiting.
    """

    def __init__(self, read: Callable[[int, int], Tensor], device: torch.device) -> None:
        self._read, self._pinned = read, device.type == "cuda"
        self._pool = ThreadPoolExecutor(1, "ahead")
        self._coming: dict[tuple[int, int], Future[Tensor]] = {}

    def expect(self, first: int, count: int) -> None:
        """Begin to read, unless that has begun already or very much is waiting."""
        if (first, count) not in self._coming and len(self._coming) < _MOST:
            self._coming[first, count] = self._pool.submit(self._fetched, first, count)

    def take(self, first: int, count: int) -> Tensor:
        """Return what `read` returns; older expectations that were not met are dropped."""
        coming = self._coming.pop((first, count), None)
        for old in [key for key in self._coming if key[0] < first]:
            self._coming.pop(old).cancel()
        return coming.result() if coming else self._fetched(first, count)

    def close(self) -> None:
        """Stop reading."""
        self._coming.clear()
        self._pool.shutdown(cancel_futures=True)

    def _fetched(self, first: int, count: int) -> Tensor:
        found = self._read(first, count)
        return found.pin_memory() if self._pinned else found
