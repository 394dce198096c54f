"""The noise levels of discrete models, and what lies between them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from math import exp, log, sqrt
from operator import mul
from typing import TYPE_CHECKING

from studio.diffusion.knob import KnobError

if TYPE_CHECKING:
    from studio.diffusion.grid import Grid


@lru_cache(maxsize=4)
def ddpm_table(steps: int = 1000, first: float = 1e-4, last: float = 0.02) -> tuple[float, ...]:
    """Return the rising sigmas of a model with linear betas (Ho et al. 2020, section 4).

    sigma_t^2 = (1 - abar_t) / abar_t with abar_t the product of 1 - beta up to t.
    """
    return _table(first + i / (steps - 1) * (last - first) for i in range(steps))


@lru_cache(maxsize=4)
def scaled_linear_table(
    steps: int = 1000, first: float = 0.00085, last: float = 0.012
) -> tuple[float, ...]:
    """Return the rising sigmas of a model whose betas have linear roots (Rombach et al. 2022)."""
    low, high = sqrt(first), sqrt(last)
    return _table((low + i / (steps - 1) * (high - low)) ** 2 for i in range(steps))


def _table(betas: Iterable[float]) -> tuple[float, ...]:
    return tuple(sqrt((1 - abar) / abar) for abar in accumulate((1 - beta for beta in betas), mul))


def table_of(grid: Grid) -> tuple[float, ...]:
    """Return the rising levels of the model that lie within the range of the grid.

    A model that takes any level is treated as if it had those of DDPM.

    Raises:
        KnobError: fewer than two levels lie there.
    """
    table = tuple(sorted(grid.table)) if grid.table else ddpm_table()
    # The ends themselves count, though they may have come through text or float32.
    low, high = grid.sigma_min * (1 - 1e-6), grid.sigma_max * (1 + 1e-6)
    inside = table[bisect_left(table, low) : bisect_right(table, high)]
    if len(inside) < 2:
        raise KnobError(
            f"Only {len(inside)} of the model's own noise levels lie between sigma_min "
            f"{grid.sigma_min:g} and sigma_max {grid.sigma_max:g}; they reach from {table[0]:g} to "
            f"{table[-1]:g}. Take a wider range, or a schedule that needs no table."
        )
    return inside


def level_at(table: tuple[float, ...], t: float) -> float:
    """Return the level at a place between two indices, by interpolation in ln sigma."""
    low = min(int(t), len(table) - 2)
    share = t - low
    if share == 0:
        return table[low]
    return exp((1 - share) * log(table[low]) + share * log(table[low + 1]))
