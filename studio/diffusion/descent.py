"""Least squares by few, costly measurements: Levenberg and Marquardt with secant slopes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]
Slopes: TypeAlias = NDArray[np.float32]
Measure: TypeAlias = "Callable[[Vector], Vector | None]"
"""The residuals at a point; None where there are none."""

NUDGE = 1e-3
REACH = 1.0
"""The difference that slopes are measured with, and the longest step of a coordinate."""

_LEAST_STEP, _MOST_DAMPING = 1e-4, 1e3


@dataclass(slots=True)
class _Place:
    point: Vector
    residual: Vector
    damping: float = 1e-2

    @property
    def cost(self) -> float:
        return _cost(self.residual)


def descend(
    measure: Measure, residual: Vector, coordinates: int, least: float
) -> tuple[Vector, Vector]:
    """Return the point with the least squares that is reached from 0, and its residuals.

    `residual` (n,) belongs to the point 0 of (coordinates,). The slopes are measured by forward
    differences, coordinates + 1 measurements for the first step, and kept up to date by Broyden's
    rule (1965) as long as they foretell what the steps bring (Levenberg 1944, Marquardt 1963). The
    descent ends where slopes measured anew save less than the share `least` of the squares.
    """
    place = _Place(np.zeros(coordinates), residual)
    while True:
        before = place.cost
        _follow(measure, place, _slopes(measure, place))
        if place.cost >= before * (1 - least):
            return place.point, place.residual


def _slopes(measure: Measure, place: _Place) -> Slopes:
    slopes = np.zeros((len(place.residual), len(place.point)), np.float32)
    for i, nudge in enumerate(np.diag(np.full(len(place.point), NUDGE))):
        found = measure(place.point + nudge)
        if found is not None:
            slopes[:, i] = (found - place.residual) / NUDGE
    return slopes


def _follow(measure: Measure, place: _Place, slopes: Slopes) -> None:
    """Step until the slopes, which every step corrects, lead astray or nowhere."""
    moved = False
    while place.damping < _MOST_DAMPING:
        step = _step(place, slopes)
        found = measure(place.point + step)
        foretold = place.residual + slopes @ step
        gain = -1.0
        if found is not None:
            slopes += np.outer(found - foretold, step / max(_cost(step), 1e-18))
            gain = (place.cost - _cost(found)) / max(place.cost - _cost(foretold), 1e-300)
        if found is not None and gain > 0:
            place.point, place.residual, moved = place.point + step, found, True
            place.damping *= 0.2 if gain > 0.5 else 2 if gain < 0.25 else 1
            place.damping = max(place.damping, 1e-7)
        else:
            place.damping *= 5
        if (moved and gain < 0.5) or np.abs(step).max() < _LEAST_STEP:
            return
    place.damping = 1.0


def _step(place: _Place, slopes: Slopes) -> Vector:
    """Return the step to the least squares of the linear model, damped along its diagonal."""
    normal = (slopes.T @ slopes).astype(np.float64)
    floor = 1e-3 * np.trace(normal) / len(normal) + 1e-30
    damped = normal + place.damping * np.diag(np.diag(normal) + floor)
    step = -np.linalg.solve(damped, slopes.T @ place.residual)
    return np.asarray(np.clip(step, -REACH, REACH), np.float64)


def _cost(residual: Vector) -> float:
    return float(residual @ residual)
