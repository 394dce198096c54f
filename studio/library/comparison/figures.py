"""What a set of results says as a whole: which are worth their cost, and how fast error falls."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import log

from studio.library.comparison.cells import Result


def pareto_front(results: Iterable[Result], cost: str = "nfe") -> tuple[Result, ...]:
    """Return those results that no other beats in both cost and error, cheapest first.

    cost: "nfe" or "seconds". Results without an error take no part; of equal ones the first stays.
    """
    front: list[Result] = []
    measured = [result for result in results if result.error is not None]
    for result in sorted(measured, key=lambda r: (getattr(r, cost), r.error)):
        assert result.error is not None
        if not front or result.error < _error(front[-1]):
            front.append(result)
    return tuple(front)


def slope(row: Sequence[Result], nfe: int) -> float | None:
    """Return how fast the error of one row falls at a cost: its measured order there.

    That is -d ln(error) / d ln(NFE) between the two neighbours that enclose `nfe` most nearly; None
    where fewer than two results have an error.
    """
    measured = sorted({r.nfe: r for r in row if r.error}.values(), key=lambda r: r.nfe)
    pairs = list(pairwise(measured))
    if not pairs:
        return None
    a, b = min(pairs, key=lambda pair: abs(pair[0].nfe - nfe) + abs(pair[1].nfe - nfe))
    return -log(_error(b) / _error(a)) / log(b.nfe / a.nfe)


def _error(result: Result) -> float:
    assert result.error is not None
    return result.error
