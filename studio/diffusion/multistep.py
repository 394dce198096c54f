"""Weights of multistep methods: exact integrals of the polynomial through earlier evaluations.

With s = ln sigma, the probability-flow ODE is dX/ds = X - D = sigma e, where e = (X - D) / sigma.
Two families of Adams methods follow from it, one for each thing that is interpolated:

    X' = X + sum_j w_j e_j             w_j = integral of sigma l_j ds       (slope_weights)
    X' = (sigma' / sigma) X + sum_j w_j D_j
                                       w_j = -sigma' times that of l_j / sigma ds
                                                                            (estimate_weights)

l_j is the Lagrange polynomial that is 1 at level j and 0 at the others, in the time of a clock.
The levels may be any, those that the step leads to included.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import log
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Clock: TypeAlias = Callable[[float], float]
"""Time as a function of the noise level."""

_ROOTS, _WEIGHTS = np.polynomial.legendre.leggauss(32)


@lru_cache(maxsize=4096)
def slope_weights(
    levels: tuple[float, ...], sigma: float, sigma_next: float, clock: Clock = log
) -> tuple[float, ...]:
    """Return w_j of X' = X + sum_j w_j e_j, for a polynomial of e in the time of `clock`."""
    s, rule = _quadrature(sigma, sigma_next)
    return _totals(levels, np.exp(s), rule * np.exp(s), clock)


@lru_cache(maxsize=4096)
def estimate_weights(
    levels: tuple[float, ...], sigma: float, sigma_next: float, clock: Clock = log
) -> tuple[float, ...]:
    """Return w_j of X' = (sigma' / sigma) X + sum_j w_j D_j, for a polynomial of D in the time."""
    s, rule = _quadrature(sigma, sigma_next)
    return _totals(levels, np.exp(s), -rule * np.exp(log(sigma_next) - s), clock)


def _quadrature(sigma: float, sigma_next: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    start, end = log(sigma), log(sigma_next)
    return (start + end + (end - start) * _ROOTS) / 2, _WEIGHTS * ((end - start) / 2)


def _totals(
    levels: Sequence[float], sigmas: NDArray[np.float64], rule: NDArray[np.float64], clock: Clock
) -> tuple[float, ...]:
    nodes = [clock(level) for level in levels]
    times = np.array([clock(float(sigma)) for sigma in sigmas])
    totals = []
    for j, node in enumerate(nodes):
        value = rule.copy()
        for k, other in enumerate(nodes):
            if k != j:
                value *= (times - other) / (node - other)
        totals.append(float(value.sum()))
    return tuple(totals)
