"""The mask of a picture: what is painted on it, and how it fades at the edge."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from studio.ui.edit.mask.feather import feathered
from studio.ui.edit.mask.history import Change, Changes
from studio.ui.edit.mask.shapes import Box, Cover

PAINTED = 255
MOST_FEATHER = 64


class Mask:
    """Hold what is to be made anew, (H, W) uint8: 255 is wholly so, 0 is kept as it is.

    Between `begin` and `end` any number of covers make one change that is undone in one go.
    `changed` is called with the box of every change of the values, `settled` after each that
    is complete.
    """

    def __init__(self, height: int, width: int) -> None:
        self.values = np.zeros((height, width), np.uint8)
        self.feather = 0
        self.changed: Callable[[Box], None] = lambda _box: None
        self.settled: Callable[[], None] = lambda: None
        self._changes = Changes()
        self._before: NDArray[np.uint8] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Return height and width."""
        return self.values.shape[0], self.values.shape[1]

    @property
    def share(self) -> float:
        """Return how much of the picture is masked, from 0 to 1; a faded pixel counts in part."""
        return float(self.soft().mean()) / PAINTED

    @property
    def empty(self) -> bool:
        """Tell whether nothing is painted."""
        return not self.values.any()

    @property
    def full(self) -> bool:
        """Tell whether everything is painted."""
        return bool((self.values == PAINTED).all())

    @property
    def can_undo(self) -> bool:
        """Tell whether there is a change to take back."""
        return self._changes.can_undo and self._before is None

    @property
    def can_redo(self) -> bool:
        """Tell whether there is a change to do again."""
        return self._changes.can_redo and self._before is None

    def soft(self) -> NDArray[np.uint8]:
        """Return the mask with its faded edge, (H, W); the same array where nothing fades."""
        return feathered(self.values, self.feather) if self.feather else self.values

    # Painting

    def begin(self) -> None:
        """Begin a change of several parts, such as a stroke."""
        self.end()
        self._before = self.values.copy()

    def cover(self, cover: Cover, *, erase: bool = False) -> None:
        """Paint pixels, or make them free again."""
        box, inside = cover
        left, top, right, bottom = box
        self.values[top:bottom, left:right][inside] = 0 if erase else PAINTED
        self.changed(box)

    def end(self) -> None:
        """Complete the change that was begun."""
        before, self._before = self._before, None
        if before is not None:
            self._settle(before)

    def drop(self) -> None:
        """Take back the change that was begun, as if it had not been."""
        before, self._before = self._before, None
        if before is not None:
            self.values[:] = before
            self.changed(self._whole)

    def paint(self, cover: Cover, *, erase: bool = False) -> None:
        """Paint or free pixels as one change."""
        self.begin()
        self.cover(cover, erase=erase)
        self.end()

    # The whole mask

    def invert(self) -> None:
        """Swap what is painted and what is free."""
        self.replace(PAINTED - self.values)

    def fill(self) -> None:
        """Paint everything."""
        self.replace(np.full_like(self.values, PAINTED))

    def clear(self) -> None:
        """Free everything."""
        self.replace(np.zeros_like(self.values))

    def replace(self, values: NDArray[np.uint8]) -> None:
        """Take other values of the same size, as one change."""
        self.end()
        before = self.values.copy()
        self.values[:] = values
        self.changed(self._whole)
        self._settle(before)

    def set_feather(self, feather: int) -> None:
        """Let the edge fade over so many pixels outside of what is painted."""
        self.end()
        feather = max(0, min(feather, MOST_FEATHER))
        if feather != self.feather:
            self._changes.add(Change.between(self.values, self.values, self.feather ^ feather))
            self.feather = feather
            self.changed(self._whole)
            self.settled()

    # Undo

    def undo(self) -> None:
        """Take back the last change."""
        self.end()
        self._go(self._changes.undo())

    def redo(self) -> None:
        """Do again what was undone."""
        self.end()
        self._go(self._changes.redo())

    def forget(self) -> None:
        """Let what is there be the beginning."""
        self._changes.clear()
        self.settled()

    @property
    def _whole(self) -> Box:
        height, width = self.shape
        return 0, 0, width, height

    def _settle(self, before: NDArray[np.uint8]) -> None:
        change = Change.between(before, self.values)
        if not change.nothing:
            self._changes.add(change)
            self.settled()

    def _go(self, change: Change | None) -> None:
        if change is not None:
            change.apply(self.values)
            self.feather ^= change.feather
            self.changed(self._whole if change.feather or self.feather else change.box)
            self.settled()
