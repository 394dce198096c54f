"""What the plot and the table show of a set of results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtGui import QColor

from studio.library.comparison import Result, pareto_front, slope
from studio.ui.compare.error_plot import Line, Point
from studio.ui.compare.result_table import Row
from studio.ui.theme import current

_HUES = ("#7aa2f7", "#f0a35a", "#b48ef0", "#8c92a4", "#e58fb1", "#9ccc65", "#d4b106", "#5aa9d1")


def by_row(results: Iterable[Result]) -> dict[tuple[str, str], list[Result]]:
    """Return results by the names of their solver and schedule, in the order they come."""
    rows: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        rows.setdefault(result.cell.row, []).append(result)
    return rows


def colored_lines(results: Sequence[Result]) -> tuple[Line, ...]:
    """Return a line for every row that has an error; the best one has the accent's colour."""
    front = {result.cell.key for result in pareto_front(results)}
    rows = {name: _points(row, front) for name, row in by_row(results).items()}
    rows = {name: points for name, points in rows.items() if points}
    if not rows:
        return ()
    best = _best(results)
    schedules = {result.cell.row[1] for result in results if result.cell.budget is not None}
    lines, hues = [], 0
    for name, points in rows.items():
        label = " · ".join(name) if len(schedules) > 1 else name[0]
        if name == best:
            lines.append(Line(label, points, current().accent))
        else:
            lines.append(Line(label, points, color_of(hues)))
            hues += 1
    return tuple(lines)


def rows_at(results: Sequence[Result], budget: int) -> list[Row]:
    """Return a line for each row at one budget: measured ones from the best to the worst."""
    front = {result.cell.key for result in pareto_front(results)}
    lines = []
    for name, row in by_row(results).items():
        here = next((r for r in row if r.cell.budget in (budget, None)), None)
        if here is None:
            continue
        lines.append(
            Row(
                " · ".join(name),
                here.nfe,
                here.error,
                here.seconds,
                slope(row, here.nfe),
                here.remark,
                here.cell.key in front,
            )
        )
    return sorted(lines, key=lambda line: (line.error is None, line.error or 0.0))


def _best(results: Sequence[Result]) -> tuple[str, str]:
    """Return the row whose rank, averaged over the budgets, is the least."""
    ranks: dict[tuple[str, str], list[int]] = {}
    for budget in {result.cell.budget for result in results} - {None}:
        here = [r for r in results if r.cell.budget == budget and r.error is not None]
        for rank, result in enumerate(sorted(here, key=lambda r: r.error or 0.0)):
            ranks.setdefault(result.cell.row, []).append(rank)
    return min(ranks, key=lambda row: sum(ranks[row]) / len(ranks[row]), default=("", ""))


def _points(row: Sequence[Result], front: set[str]) -> tuple[Point, ...]:
    return tuple(
        Point(r.nfe, r.seconds, r.error, r.cell.key in front)
        for r in sorted(row, key=lambda r: r.nfe)
        if r.error is not None
    )


def color_of(index: int) -> str:
    """Return a colour of the palette, darker on a light ground."""
    color = QColor(_HUES[index % len(_HUES)])
    on_light = QColor(current().background).lightness() > 127
    return color.darker(150).name() if on_light else color.name()
