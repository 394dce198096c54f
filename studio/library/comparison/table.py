"""Results as text for a spreadsheet."""

import csv
import io
from collections.abc import Iterable

from studio.library.comparison.cells import Pick, Result
from studio.library.comparison.figures import pareto_front

_HEAD = (
    "sampler",
    "knobs",
    "schedule",
    "schedule_knobs",
    "budget",
    "steps",
    "nfe",
    "error",
    "seconds",
)


def csv_text(results: Iterable[Result]) -> str:
    """Return the results as CSV, one line each; the Pareto front in NFE and in time is marked."""
    rows = tuple(results)
    fronts = [{r.cell.key for r in pareto_front(rows, cost)} for cost in ("nfe", "seconds")]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow((*_HEAD, "front_nfe", "front_seconds", "remark"))
    for result in rows:
        marks = [int(result.cell.key in front) for front in fronts]
        writer.writerow((*_line(result), *marks, result.remark))
    return file.getvalue()


def _line(result: Result) -> tuple[object, ...]:
    cell = result.cell
    picks = (cell.solver, cell.schedule)
    names = [part for pick in picks for part in (pick.id, _knobs(pick))]
    error = "" if result.error is None else f"{result.error:.9g}"
    steps = max(len(result.sigmas) - 1, 0)
    budget = "" if cell.budget is None else cell.budget
    seconds = f"{result.seconds:.4f}"
    return *names, budget, steps, result.nfe, error, seconds


def _knobs(pick: Pick) -> str:
    return " ".join(f"{name}={value}" for name, value in pick.knobs.items())
