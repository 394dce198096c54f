"""Fit a schedule to a model, a solver and a number of steps."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.diffusion.descent import Vector, descend
from studio.diffusion.knob import KnobError
from studio.diffusion.registry import find
from studio.diffusion.sample import sample
from studio.diffusion.schedule import schedule
from studio.diffusion.solvers import SAMPLERS

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.denoiser import Denoise
    from studio.diffusion.spec import Spec

REFERENCE = ("unipc", 200)
"""The solver of the reference and its steps, on Karras et al.'s schedule."""

MODES = (4, 10)
"""How many cosines bend the curve, first for several starts and then for the best of them."""

LIFTS = (1.0, 3.0, 10.0, 30.0)
"""How far above sigma_min the searches begin: the last step removes what noise is left."""

OTHERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("exponential", {}),
    ("karras", {"rho": 4.0}),
    ("karras", {"rho": 12.0}),
)
"""Schedules to begin with besides Karras et al.'s own."""

_PROMISES = (0.03, 0.01)
"""The share of the squares that a descent must still save to go on, for each number of cosines."""


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
    is monotone, bent by up to ten cosines, and its lowest nonzero level is fitted as well, not
    below sigma_min. Least squares descend from the best of several known schedules, first with few
    cosines, then from other schedules, and at last from random bends of the best curve; the same
    call finds the same list. `budget` is the
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

    def run(sigmas: tuple[float, ...]) -> Vector:
        *_, last = sample(denoise, x, sigmas, sampler, noise=_no_noise, **knobs)
        return np.asarray((last.x - end.x).flatten().cpu().numpy(), np.float64)

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

    `run` returns the end of a candidate less the reference, flat, which takes `cost` calls.
    """

    run: Callable[[tuple[float, ...]], Vector]
    cost: int
    calls: int
    budget: int
    progress: Callable[[int, int, float], bool | None] | None
    best: tuple[float, ...] = ()
    error: float = math.inf

    def measure(self, sigmas: tuple[float, ...]) -> Vector | None:
        """Return how the end of a candidate differs from the reference; None if not by numbers."""
        if not all(a > b for a, b in pairwise(sigmas)):
            return None
        if self.calls + self.cost > self.budget:
            raise _Spent
        residual = self.run(sigmas)
        self.calls += self.cost
        error = math.sqrt(float(np.square(residual).mean()))
        if error < self.error:
            self.best, self.error = sigmas, error
        if self.progress and self.progress(self.calls, self.budget, self.error) is False:
            raise _Spent
        return residual if math.isfinite(error) else None


def _no_noise(sigma_from: float, sigma_to: float, /) -> Tensor:
    raise KnobError("The solver draws noise with these knobs; a schedule can be fitted to none.")


@dataclass(frozen=True, slots=True)
class _Start:
    """A curve of ln sigma to descend from, and the residuals of its levels."""

    curve: Vector
    residual: Vector

    @property
    def squares(self) -> float:
        return float(self.residual @ self.residual)


def _fit(search: _Search, steps: int, low: float, high: float) -> None:
    """Descend from every start, the best first, two at a time; then from random bends."""
    starts = _starts(search, steps, low, high)
    for i in range(0, len(starts), 2):
        coarse = [_bend(search, start, low, high) for start in starts[i : i + 2]]
        _bend(search, min(coarse, key=attrgetter("squares")), low, high, stage=1)
    random = np.random.default_rng(0)
    while search.best:
        curve = _curve(search.best)
        start = _start(search, curve + random.normal(scale=0.3, size=curve.shape), low, high)
        if start:
            _bend(search, start, low, high, stage=1)


def _starts(search: _Search, steps: int, low: float, high: float) -> list[_Start]:
    """Measure Karras et al.'s schedule with several ends, and others with the two best of them."""

    def measured(end: float, name: str = "karras", **knobs: Any) -> _Start | None:
        return _start(search, _curve(schedule(name, steps, end, high, **knobs)), low, high)

    ends = [low * lift for lift in LIFTS if low * lift < high / 3]
    first = [(start, end) for end in ends if (start := measured(end))]
    first.sort(key=lambda pair: pair[0].squares)
    others = [measured(end, name, **knobs) for name, knobs in OTHERS for _, end in first[:2]]
    starts = [*(start for start, _ in first), *filter(None, others)]
    return sorted(starts, key=attrgetter("squares"))


def _start(search: _Search, curve: Vector, low: float, high: float) -> _Start | None:
    residual = search.measure(_levels(curve, low, high))
    return None if residual is None else _Start(curve, residual)


def _bend(search: _Search, start: _Start, low: float, high: float, *, stage: int = 0) -> _Start:
    """Return where a descent from a start ends."""
    modes = _modes(len(start.curve) - 1, MODES[stage])
    end, residual = descend(
        lambda bends: search.measure(_levels(start.curve + modes @ bends, low, high)),
        start.residual,
        modes.shape[1],
        _PROMISES[stage],
    )
    return _Start(start.curve + modes @ end, residual)


def _curve(levels: tuple[float, ...]) -> Vector:
    """Return the logarithms of the falls of ln sigma (steps - 1) and the last ln sigma."""
    logs = np.log(levels[:-1])
    return np.append(np.log(-np.diff(logs)), logs[-1])


def _modes(falls: int, most: int) -> Vector:
    """Return cosines over the falls as columns, none of them even, and one for the last level."""
    count = min(most, falls - 1)
    phases = np.pi * np.outer((np.arange(falls) + 0.5) / falls, np.arange(1, count + 1))
    modes = np.zeros((falls + 1, count + 1))
    modes[:-1, :-1] = np.cos(phases)
    modes[-1, -1] = 1
    return modes


def _levels(curve: Vector, low: float, high: float) -> tuple[float, ...]:
    """Return the levels of a curve; the inverse of `_curve`, whatever the scale of the falls."""
    top = math.log(high)
    last = min(max(float(curve[-1]), math.log(low)), top - 0.1)
    falls = np.exp(np.clip(curve[:-1], -20, 20))
    inner = np.exp(top + np.cumsum(falls) / falls.sum() * (last - top))
    return (high, *(float(level) for level in inner), 0.0)
