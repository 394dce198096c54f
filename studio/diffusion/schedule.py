"""Make a list of noise levels."""

import math
import operator
from collections.abc import Mapping, Sequence
from itertools import pairwise

from studio.diffusion import schedules
from studio.diffusion.grid import Grid
from studio.diffusion.knob import KnobError, real
from studio.diffusion.registry import collect, find
from studio.diffusion.spec import Spec

SCHEDULES: Mapping[str, Spec] = collect(schedules)
"""Every schedule by its id."""


def schedule(
    name: str,
    steps: int,
    sigma_min: float | None = None,
    sigma_max: float | None = None,
    *,
    table: Sequence[float] | None = None,
    **params: object,
) -> tuple[float, ...]:
    """Return steps + 1 noise levels, strictly decreasing to a last one of 0.0.

    One step is (sigma_max, 0.0). An end of the range that is None is that of the paper (Karras et
    al. 2022, Table 1). `table` holds the levels of a model that knows only some of them. A schedule
    that has fewer than `steps` levels to give returns those it has.

    Raises:
        KnobError: the schedule or a parameter is unknown, or a value is out of bounds.
    """
    spec = find(SCHEDULES, name, "schedule")
    count = _count(steps)
    values = spec.values(params)
    low, high = _ends(spec.range_with(params), sigma_min, sigma_max)
    if count == 1:
        return (high, 0.0)
    grid = Grid(count, low, high, None if table is None else tuple(table))
    levels: tuple[float, ...]
    try:
        levels = (*spec.run(grid, **values), 0.0)
    except ArithmeticError:
        levels = ()
    if not levels or not all(a > b for a, b in pairwise(levels)):
        raise KnobError(
            f"{spec.label} cannot tell {count} levels apart between sigma_min {low:g} and "
            f"sigma_max {high:g}; take fewer steps or other ends."
        )
    return levels


def _count(steps: object) -> int:
    try:
        count = operator.index(steps)  # type: ignore[arg-type]
    except TypeError:
        count = 0
    if count < 1 or isinstance(steps, bool):
        raise KnobError(f"steps cannot be {steps!r}; give a whole number of at least 1.")
    return count


def _ends(
    own: tuple[float, float] | None, sigma_min: float | None, sigma_max: float | None
) -> tuple[float, float]:
    low, high = own or (None, None)
    low = _level("sigma_min", low if sigma_min is None else sigma_min)
    high = _level("sigma_max", high if sigma_max is None else sigma_max)
    if low >= high:
        raise KnobError(f"sigma_min {low:g} must be below sigma_max {high:g}; change one of them.")
    return low, high


def _level(name: str, value: object) -> float:
    level = real(value)
    if level is None or not 0 < level < math.inf:
        raise KnobError(f"{name} cannot be {value!r}; give a finite number above 0.")
    return level
