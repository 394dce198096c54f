"""Where the cells of a sweep stand: the first axis down, the second across, the third in pages."""

from collections.abc import Mapping
from typing import TypeVar

from studio.library.sweeps.sweep import Place, Sweep

T = TypeVar("T")
Spot = tuple[int, int]


class SheetLayout:
    """Name the rows, columns and pages of a sweep; a single axis goes across."""

    def __init__(self, sweep: Sweep) -> None:
        axes = sweep.axes
        self._down = None if len(axes) == 1 else 0
        self._across = 0 if self._down is None else 1
        self._paged = 2 if len(axes) == 3 else None
        points = [[axis.point(i) for i in range(len(axis.values))] for axis in axes]
        self.columns = tuple(points[self._across])
        self.rows = ("",) if self._down is None else tuple(points[self._down])
        self.pages = ("",) if self._paged is None else tuple(points[self._paged])

    def page(self, place: Place) -> int:
        """Return the page that a cell is on."""
        return 0 if self._paged is None else place[self._paged]

    def spot(self, place: Place) -> Spot:
        """Return the row and column of a cell on its page."""
        return (0 if self._down is None else place[self._down]), place[self._across]

    def place(self, page: int, spot: Spot) -> Place:
        """Return which cell stands on a page in a row and column."""
        row, column = spot
        if self._down is None:
            return (column,)
        return (row, column) if self._paged is None else (row, column, page)

    def on_page(self, page: int, by_place: Mapping[Place, T]) -> dict[Spot, T]:
        """Return what belongs to the cells of one page, by row and column."""
        return {self.spot(p): value for p, value in by_place.items() if self.page(p) == page}

    def sheet_rows(self) -> tuple[tuple[str, str], ...]:
        """Return the names of the rows of a sheet with all pages, one below the other."""
        return tuple((row, page) for page in self.pages for row in self.rows)

    def on_sheet(self, place: Place) -> Spot:
        """Return the row and column of a cell on a sheet with all pages."""
        row, column = self.spot(place)
        return self.page(place) * len(self.rows) + row, column
