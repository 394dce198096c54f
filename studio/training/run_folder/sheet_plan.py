"""Where the pictures lie on a sheet of samples."""

from __future__ import annotations

import math
from dataclasses import dataclass

GAP = 2
"""Pixels between pictures, and around them."""


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """Lay `count` pictures of `width` x `height` pixels out in a near square, row by row."""

    count: int
    width: int
    height: int

    @classmethod
    def of_sheet(cls, width: int, height: int, count: int) -> SheetPlan | None:
        """Return the plan by which a sheet of this size holds `count` pictures, None if none."""
        if count < 1:
            return None
        columns, rows = _sides(count)
        sides = [
            (length - GAP) / number - GAP for length, number in ((width, columns), (height, rows))
        ]
        whole = all(side.is_integer() and side > 0 for side in sides)
        return cls(count, int(sides[0]), int(sides[1])) if whole else None

    @property
    def columns(self) -> int:
        """Return how many pictures lie side by side."""
        return _sides(self.count)[0]

    @property
    def rows(self) -> int:
        """Return how many rows there are."""
        return _sides(self.count)[1]

    @property
    def size(self) -> tuple[int, int]:
        """Return the width and height of the sheet."""
        wide, high = self.columns * (self.width + GAP), self.rows * (self.height + GAP)
        return wide + GAP, high + GAP

    def place(self, number: int) -> tuple[int, int]:
        """Return the left and upper edge of a picture, counted from 0."""
        row, column = divmod(number, self.columns)
        return GAP + column * (self.width + GAP), GAP + row * (self.height + GAP)

    def number_at(self, x: float, y: float) -> int | None:
        """Return the picture at a pixel of the sheet, None in the gaps and where none is."""
        column, inside_x = divmod(x - GAP, self.width + GAP)
        row, inside_y = divmod(y - GAP, self.height + GAP)
        number = int(row * self.columns + column)
        inside = inside_x < self.width and inside_y < self.height
        return (
            number if inside and 0 <= column < self.columns and 0 <= number < self.count else None
        )


def _sides(count: int) -> tuple[int, int]:
    """Return the number of columns and rows."""
    columns = math.ceil(math.sqrt(count))
    return columns, math.ceil(count / columns)
