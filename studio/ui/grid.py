"""Arrange equal pictures in a grid: plain arithmetic in picture pixels, no Qt."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import floor

SMALL = 128
"""The longest side, in pixels, up to which a picture is drawn at whole zooms only."""

_WIDEST = 32_000  # Qt's raster engine clips coordinates beyond 32,767


@dataclass(frozen=True, slots=True)
class Grid:
    """Place `count` pictures of `width` x `height` pixels in rows of `columns`."""

    count: int
    width: int
    height: int
    columns: int

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return -(-self.count // self.columns)

    @property
    def gap(self) -> int:
        """Return the space between pictures: a thirty-second of a side, at least one pixel."""
        return max(1, min(self.width, self.height) // 32)

    @property
    def size(self) -> tuple[int, int]:
        """Return the width and height of the whole grid, gaps between pictures included."""
        gap = self.gap
        wide = self.columns * (self.width + gap) - gap
        return wide, self.rows * (self.height + gap) - gap

    @property
    def small(self) -> bool:
        """Say whether single pixels matter in these pictures."""
        return max(self.width, self.height) <= SMALL

    def corner(self, index: int) -> tuple[int, int]:
        """Return the left and top pixel of picture `index`."""
        row, column = divmod(index, self.columns)
        return column * (self.width + self.gap), row * (self.height + self.gap)

    def index_at(self, x: float, y: float) -> int | None:
        """Return the picture under the point (x, y), or None in a gap or outside."""
        column, left = divmod(x, self.width + self.gap)
        row, top = divmod(y, self.height + self.gap)
        inside = left < self.width and top < self.height and 0 <= column < self.columns
        index = int(row) * self.columns + int(column)
        return index if inside and 0 <= index < self.count else None

    def fit(self, area: tuple[float, float]) -> float:
        """Return the zoom at which the grid fills `area` (width, height in device pixels).

        Small pictures get a whole zoom where one fits, so that all their pixels are equally large.
        """
        zoom = self.stretch(area)
        return float(floor(zoom)) if self.small and zoom >= 1 else zoom

    def stretch(self, area: tuple[float, float]) -> float:
        """Return the largest zoom, whole or not, at which the grid lies inside `area`."""
        wide, high = self.size
        return max(min(area[0] / wide, area[1] / high), 1e-3)


def arrange(count: int, width: int, height: int, area: tuple[float, float]) -> Grid:
    """Return the grid that shows `count` >= 1 pictures largest in `area` (width, height).

    Among grids of equal zoom the one with the fewest empty cells wins, then the roomiest.
    """
    narrow = Grid(count, width, height, 1)
    widest = max(1, min(count, _WIDEST // (width + narrow.gap)))
    crossing = bisect_left(
        range(1, widest + 1), True, key=lambda n: _is_wide(Grid(count, width, height, n), area)
    )
    near = range(max(1, crossing - 3), min(widest, crossing + 4) + 1)
    return max(
        (Grid(count, width, height, columns) for columns in near),
        key=lambda grid: (grid.fit(area), -grid.rows * grid.columns, grid.stretch(area)),
    )


def _is_wide(grid: Grid, area: tuple[float, float]) -> bool:
    """Say whether the width limits the zoom: true from some number of columns on."""
    wide, high = grid.size
    return area[0] * high <= area[1] * wide
