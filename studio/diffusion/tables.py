"""The noise levels of discrete models, and what lies between them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate, pairwise
from math import cos, exp, log, pi, sqrt
from operator import mul
from typing import TYPE_CHECKING

from studio.diffusion.knob import KnobError

if TYPE_CHECKING:
    from studio.diffusion.grid import Grid


Levels = tuple[float, ...]

_FAINTEST = 2.0**-24
"""Stands for abar = 0, of infinite sigma: a cap at 4096, as in diffusers."""


@lru_cache(maxsize=4)
def ddpm_table(steps: int = 1000, first: float = 1e-4, last: float = 0.02) -> Levels:
    """Return the rising sigmas of a model with linear betas (Ho et al. 2020, section 4)."""
    return levels_of_betas(linear_betas(steps, first, last))


@lru_cache(maxsize=4)
def scaled_linear_table(steps: int = 1000, first: float = 0.00085, last: float = 0.012) -> Levels:
    """Return the rising sigmas of a model whose betas have linear roots (Rombach et al. 2022)."""
    return levels_of_betas(scaled_linear_betas(steps, first, last))


@lru_cache(maxsize=4)
def cosine_table(steps: int = 1000) -> Levels:
    """Return the rising sigmas of improved DDPM (Nichol & Dhariwal 2021, Eq. 17)."""
    return levels_of_betas(cosine_betas(steps))


def linear_betas(steps: int = 1000, first: float = 1e-4, last: float = 0.02) -> Levels:
    """Return evenly rising betas (Ho et al. 2020; diffusers, "linear")."""
    return tuple(first + i / (steps - 1) * (last - first) for i in range(steps))


def scaled_linear_betas(steps: int = 1000, first: float = 0.00085, last: float = 0.012) -> Levels:
    """Return betas with evenly rising roots (diffusers, "scaled_linear"; CompVis, "linear")."""
    low, high = sqrt(first), sqrt(last)
    return tuple((low + i / (steps - 1) * (high - low)) ** 2 for i in range(steps))


def cosine_betas(steps: int = 1000, most: float = 0.999) -> Levels:
    """Return the betas of the cosine schedule (diffusers, "squaredcos_cap_v2").

    beta = min(1 - f(i + 1) / f(i), most) with f(i) = cos^2(pi/2 (i / steps + .008) / 1.008).
    """

    def kept(i: int) -> float:
        return cos((i / steps + 0.008) / 1.008 * pi / 2) ** 2

    return tuple(min(1 - kept(i + 1) / kept(i), most) for i in range(steps))


def sigmoid_betas(steps: int = 1000, first: float = 1e-4, last: float = 0.02) -> Levels:
    """Return betas along a sigmoid from -6 to 6 (diffusers, "sigmoid")."""
    ramp = (-6 + 12 * i / (steps - 1) for i in range(steps))
    return tuple(first + (last - first) / (1 + exp(-place)) for place in ramp)


def zero_terminal(betas: Iterable[float]) -> Levels:
    """Return betas whose last level is noise alone (Lin et al. 2024, algorithm 1).

    The roots of abar are shifted and scaled so that the first stays and the last is 0.
    """
    roots = [sqrt(abar) for abar in accumulate((1 - beta for beta in betas), mul)]
    first, last = roots[0], roots[-1]
    abars = [((root - last) * first / (first - last)) ** 2 for root in roots]
    return (1 - abars[0], *(1 - after / before for before, after in pairwise(abars)))


def levels_of_betas(betas: Iterable[float]) -> Levels:
    """Return the rising sigmas of a model with these betas, abar being the product of 1 - beta."""
    return levels_of_abars(accumulate((1 - beta for beta in betas), mul))


def levels_of_abars(abars: Iterable[float]) -> Levels:
    """Return sigma_t = sqrt((1 - abar_t) / abar_t), or 4096 where abar is 0."""
    kept = (abar if abar > 0 else _FAINTEST for abar in abars)
    return tuple(sqrt((1 - abar) / abar) for abar in kept)


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
