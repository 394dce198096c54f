"""Where the cells of a comparison stand in a table of rows and columns."""

from collections.abc import Mapping
from math import log

from studio.library.comparison.cells import Cell, Comparison, Result
from studio.library.comparison.references import REFERENCES

Place = tuple[int, int]


class Layout:
    """Rows are the reference, then solvers on schedules; columns are budgets.

    The one picture of an adaptive solver stands below the budget next to what it spent, that of
    the reference in the first column.
    """

    def __init__(self, comparison: Comparison) -> None:
        cells = comparison.cells()
        fine = ("Reference", REFERENCES[comparison.reference].label)
        self.rows = (fine, *dict.fromkeys(cell.row for cell in cells))
        self.budgets = tuple(sorted(set(comparison.budgets)))
        self._cells = {cell.key: cell for cell in cells}

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(f"NFE {budget}" for budget in self.budgets)

    @property
    def reference(self) -> Place:
        """Return the place of the reference."""
        return 0, 0

    def places(self, found: Mapping[str, Result]) -> set[Place]:
        """Return every place that has a picture, or will have one."""
        fixed = {self.place(c, c.budget) for c in self._cells.values() if c.budget is not None}
        return {self.reference} | fixed | self.results(found).keys()

    def place(self, cell: Cell, nfe: int) -> Place:
        """Return where a cell that spent `nfe` stands."""
        budget = cell.budget
        if budget is None:
            budget = min(self.budgets, key=lambda b: abs(log(b / max(nfe, 1))))
        return self.rows.index(cell.row), self.budgets.index(budget)

    def results(self, found: Mapping[str, Result]) -> dict[Place, Result]:
        """Return those of the found results, by the key of their cell, that belong here."""
        here = (found[key] for key in self._cells if key in found)
        return {self.place(result.cell, result.nfe): result for result in here}
