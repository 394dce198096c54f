"""Fit a schedule to a model, a solver and a number of steps."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.diffusion.knob import KnobError
from studio.diffusion.registry import find
from studio.diffusion.sample import SAMPLERS, sample
from studio.diffusion.schedule import schedule

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.denoiser import Denoise
    from studio.diffusion.spec import Spec

Vector = NDArray[np.float64]

REFERENCE = ("unipc", 200)
"""The solver of the reference and its steps, on Karras et al.'s schedule."""

KNOTS = 6
LIFTS = (1.0, 3.0, 10.0, 30.0)
"""How far above sigma_min the searches begin: the last step removes what noise is left."""

_FAR = 1e30


class _Spent(Exception):  # noqa: N818 - not an error: the search is over
    """No call is left, or the person wants no more."""


def tune_schedule(  # noqa: PLR0917 - the solver is told apart by its place
    denoise: Denoise,
    x: Tensor,
    steps: int,
    sampler: str,
    sigma_min: float,
    sigma_max: float,
    *,
    budget: int | None = None,
    progress: Callable[[int, int, float], bool | None] | None = None,
    **knobs: Any,
) -> tuple[float, ...]:
    """Return the steps + 1 noise levels with which a solver ends nearest to a fine reference.

    x: (B, ...), states of noise level sigma_max to fit on; 8 to 128 of them. The curve of ln sigma
    is monotone with up to six knots, and its lowest nonzero level is fitted as well, not below
    sigma_min. A simplex search starts at the best of several known schedules. `budget` is the
    number of denoiser calls that may be made, those of the reference included (None: 200 for it and
    for 120 candidates). `progress(calls, budget, error)` is told of every candidate with the least
    root mean square distance so far; where it returns False, the search ends with the best found.

    Raises:
        KnobError: the sampler draws noise or is adaptive, a knob is wrong, the budget is below
            that of the reference and one candidate, or the model returns no numbers.
    """
    spec = find(SAMPLERS, sampler, "sampler")
    cost = _cost(spec, steps, knobs)
    calls = REFERENCE[1] + 120 * cost if budget is None else budget
    if calls < REFERENCE[1] + cost:
        raise KnobError(
            f"budget cannot be {calls}; the reference takes {REFERENCE[1]} calls and one candidate "
            f"{cost}."
        )
    if steps == 1:
        return schedule("karras", 1, sigma_min, sigma_max)
    solver, fine = REFERENCE
    *_, end = sample(denoise, x, schedule("karras", fine, sigma_min, sigma_max), solver)

    def run(sigmas: tuple[float, ...]) -> float:
        *_, last = sample(denoise, x, sigmas, sampler, noise=_no_noise, **knobs)
        return float((last.x - end.x).square().mean().sqrt())

    search = _Search(run=run, cost=cost, calls=fine, budget=calls, progress=progress)
    with contextlib.suppress(_Spent):
        _fit(search, steps, sigma_min, sigma_max)
    if not search.best:
        raise KnobError("The model returned no numbers with any schedule; no candidate was found.")
    return search.best


def _cost(spec: Spec, steps: int, knobs: Mapping[str, Any]) -> int:
    cost = spec.nfe(steps, **knobs)
    if cost is None or spec.stochastic:
        why = "draws noise" if spec.stochastic else "chooses its own levels"
        raise KnobError(
            f"{spec.label} {why}, so that no schedule can be fitted to it; take a deterministic "
            "solver that follows its list."
        )
    return cost


@dataclass(slots=True, kw_only=True)
class _Search:
    """Measure candidates as long as calls are left, and keep the best.

    `run` returns the distance of a candidate, which takes `cost` calls.
    """

    run: Callable[[tuple[float, ...]], float]
    cost: int
    calls: int
    budget: int
    progress: Callable[[int, int, float], bool | None] | None
    best: tuple[float, ...] = ()
    error: float = math.inf

    def measure(self, sigmas: tuple[float, ...]) -> float:
        """Return the distance of the end of a candidate from the reference."""
        if not all(a > b for a, b in pairwise(sigmas)):
            return _FAR
        if self.calls + self.cost > self.budget:
            raise _Spent
        error = self.run(sigmas)
        self.calls += self.cost
        if error < self.error:
            self.best, self.error = sigmas, error
        if self.progress and self.progress(self.calls, self.budget, self.error) is False:
            raise _Spent
        return error if math.isfinite(error) else _FAR


def _no_noise(sigma_from: float, sigma_to: float, /) -> Tensor:
    raise KnobError("The solver draws noise with these knobs; a schedule can be fitted to none.")


def _fit(search: _Search, steps: int, low: float, high: float) -> None:
    from scipy.optimize import minimize

    starts = [_knots(np.log(levels[:-1])) for levels in _candidates(steps, low, high)]
    errors = [search.measure(_levels(start, steps, low, high)) for start in starts]
    point = starts[int(np.argmin(errors))]
    while True:  # a simplex that has shrunk is spread out again, as long as calls are left
        simplex = np.vstack([point, point + np.diag(np.full(len(point), 0.25))])
        found = minimize(
            lambda vector: search.measure(_levels(vector, steps, low, high)),
            point,
            method="Nelder-Mead",
            options={"initial_simplex": simplex, "xatol": 1e-3, "fatol": 1e-9, "adaptive": True},
        )
        point = found.x


def _candidates(steps: int, low: float, high: float) -> list[tuple[float, ...]]:
    """Return the schedules to start from."""
    known: list[tuple[str, dict[str, Any]]] = [("exponential", {}), ("kl_optimal", {})]
    known += [("karras", {"rho": rho}) for rho in (3.0, 5.0, 7.0, 10.0)]
    ends = [low * lift for lift in LIFTS if low * lift < high / 3]
    return [schedule(name, steps, end, high, **knobs) for name, knobs in known for end in ends]


def _knots(logs: Vector) -> Vector:
    """Return the logarithms of the falls of ln sigma at the knots, and the last ln sigma."""
    falls = np.log(-np.diff(logs))
    places = np.linspace(0, len(falls) - 1, min(len(falls), KNOTS))
    knots = np.interp(places, np.arange(len(falls)), falls)
    return np.append(knots, logs[-1])


def _levels(vector: Vector, steps: int, low: float, high: float) -> tuple[float, ...]:
    """Return the levels of a candidate; the inverse of `_knots` up to interpolation."""
    knots, top = vector[:-1], math.log(high)
    last = min(max(float(vector[-1]), math.log(low)), top - 0.1)
    places = np.linspace(0, len(knots) - 1, steps - 1)
    falls = np.exp(np.clip(np.interp(places, np.arange(len(knots)), knots), -20, 20))
    inner = np.exp(top + np.cumsum(falls) / falls.sum() * (last - top))
    return (high, *(float(level) for level in inner), 0.0)
