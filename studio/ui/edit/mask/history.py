"""Undo for a mask: what changed, packed, in bounded memory."""

from __future__ import annotations

import zlib
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.ui.edit.mask.shapes import Box

MOST_BYTES = 16 << 20
"""Memory of all changes together; the oldest are forgotten beyond it."""


@dataclass(frozen=True, slots=True)
class Change:
    """Which bits of a region differ before and after, which leads both ways."""

    box: Box
    packed: bytes
    feather: int = 0
    """The feather before, exclusive-or that after."""

    @classmethod
    def between(
        cls, before: NDArray[np.uint8], after: NDArray[np.uint8], feather: int = 0
    ) -> Change:
        """Return what changed between two masks of one size, (H, W)."""
        differs = before ^ after
        rows, columns = np.flatnonzero(differs.any(1)), np.flatnonzero(differs.any(0))
        if not rows.size:
            return cls((0, 0, 0, 0), b"", feather)
        box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        region = np.ascontiguousarray(differs[box[1] : box[3], box[0] : box[2]])
        return cls(box, zlib.compress(region.tobytes(), 1), feather)

    @property
    def nothing(self) -> bool:
        """Tell whether nothing changed."""
        return not self.packed and not self.feather

    def apply(self, values: NDArray[np.uint8]) -> None:
        """Undo the change in `values`, or do it again."""
        left, top, right, bottom = self.box
        if self.packed:
            bits = np.frombuffer(zlib.decompress(self.packed), np.uint8)
            values[top:bottom, left:right] ^= bits.reshape(bottom - top, right - left)


class Changes:
    """Keep changes in their order; a new one forgets those that were undone."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._past: deque[Change] = deque()
        self._future: list[Change] = []

    @property
    def can_undo(self) -> bool:
        """Tell whether there is a change to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Tell whether there is a change to do again."""
        return bool(self._future)

    def add(self, change: Change) -> None:
        """Remember a change that was made."""
        self._future.clear()
        self._past.append(change)
        while len(self._past) > 1 and sum(len(c.packed) for c in self._past) > self._most:
            self._past.popleft()

    def undo(self) -> Change | None:
        """Return the newest change, to be taken back."""
        if not self._past:
            return None
        self._future.append(self._past.pop())
        return self._future[-1]

    def redo(self) -> Change | None:
        """Return the change that was undone last, to be made again."""
        if not self._future:
            return None
        self._past.append(self._future.pop())
        return self._past[-1]

    def clear(self) -> None:
        """Forget everything."""
        self._past.clear()
        self._future.clear()
