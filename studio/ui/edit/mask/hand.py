"""What a hand with a tool does to a mask; no Qt."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from studio.ui.edit.mask.model import Mask
from studio.ui.edit.mask.shapes import Point, lasso, rectangle, stroke

BRUSH, ERASER, RECTANGLE, LASSO = "brush", "eraser", "rectangle", "lasso"
SIZES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256)
"""The sizes of the brush in pixels of the picture."""


class Hand:
    """Hold a tool; `press`, `move` and `release` take points in pixels of the picture."""

    def __init__(self) -> None:
        self.mask: Mask | None = None
        self.tool = BRUSH
        self.size = 6
        self.way: list[Point] = []
        """Where it has been since it was pressed; empty while it is not."""
        self._erases = False
        self._last: Point | None = None

    @property
    def round(self) -> bool:
        """Tell whether the tool paints with a round brush."""
        return self.tool in (BRUSH, ERASER)

    @property
    def busy(self) -> bool:
        """Tell whether it is pressed."""
        return bool(self.way)

    @property
    def erases(self) -> bool:
        """Tell whether what it does now makes pixels free."""
        return self._erases if self.busy else self.tool == ERASER

    def take(self, tool: str) -> None:
        """Take another tool; what was begun with the one before is dropped."""
        self.drop()
        self.tool = tool

    def hold(self, mask: Mask | None) -> None:
        """Work on another mask."""
        self.drop()
        self.mask, self._last = mask, None

    def resize(self, steps: int) -> None:
        """Take a brush that is `steps` sizes larger, or smaller; never larger than the picture."""
        at = bisect_left(SIZES, self.size) if steps < 0 else bisect_right(SIZES, self.size) - 1
        most = max(self.mask.shape) if self.mask is not None else SIZES[-1]
        fitting = max(1, bisect_right(SIZES, most))
        self.size = SIZES[max(0, min(at + steps, fitting - 1))]

    def press(self, point: Point, *, other: bool = False, straight: bool = False) -> None:
        """Begin to paint, or with the `other` button to do the opposite.

        straight: a brush comes in a straight line from where it was last.
        """
        if self.mask is None:
            return
        self._erases = (self.tool == ERASER) != other
        self.way = [point]
        self.mask.begin()
        if self.round:
            start = self._last if straight and self._last is not None else point
            self._stroke(start, point)

    def move(self, point: Point) -> None:
        """Go on to `point`."""
        if not self.busy:
            return
        if self.round:
            self._stroke(self.way[-1], point)
            self.way = [point]
        elif self.tool == RECTANGLE:
            self.way = [self.way[0], point]
        else:
            self.way.append(point)

    def release(self) -> None:
        """Complete what was begun."""
        mask, way = self.mask, self.way
        self.way = []
        if mask is None or not way:
            return
        if self.tool == RECTANGLE and len(way) == 2:
            mask.cover(rectangle(mask.shape, way[0], way[1]), erase=self._erases)
        elif self.tool == LASSO and len(way) > 2:
            mask.cover(lasso(mask.shape, way), erase=self._erases)
        mask.end()

    def drop(self) -> None:
        """Take back what was begun."""
        if self.busy and self.mask is not None:
            self.mask.drop()
        self.way = []

    def _stroke(self, start: Point, end: Point) -> None:
        assert self.mask is not None
        self.mask.cover(stroke(self.mask.shape, start, end, self.size), erase=self._erases)
        self._last = end


def words(hand: Hand, feather: int) -> str:
    """Return “brush 6 px · feather 1 px · [ ] to resize”."""
    soft = f"feather {feather} px"
    if hand.round:
        return f"{hand.tool} {hand.size} px · {soft} · [ ] to resize"
    return f"{hand.tool} · {soft} · right button frees"
