"""The sampler inside a method: what takes its steps where the method only says what to do between.

Any sampler will do that takes one step from each level of the list to the next and looks back at
none; it runs with its default knobs.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.diffusion.solvers import SAMPLERS
from studio.diffusion.spec import every_level

if TYPE_CHECKING:
    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step

INNER = {id: spec for id, spec in SAMPLERS.items() if spec.legs is every_level and not spec.memory}
"""Every sampler that can work inside a method, by its id."""


def solver_knob(default: str, source: str) -> Knob:
    """Return the knob that chooses the sampler; `source` says where its default comes from."""
    return Knob(
        "solver",
        "Sampler",
        default,
        choices=tuple((id, spec.label) for id, spec in INNER.items()),
        help="The sampler that takes the steps between which the measurement is brought in, with "
        f"its default knobs. {INNER[default].label} is that of the paper.",
        formula="x′ = a step of the sampler from σ to σ′",
        source=source,
    )


def inner_step(at: Problem, solver: str) -> Step:
    """Take one step of a sampler with its default knobs."""
    spec = INNER[solver]
    step: Step = spec.run(at, **spec.values({}))
    return step


def inner_cost(steps: int, *, solver: str, **_knobs: Value) -> int | None:
    """Return what a sampler costs over so many steps."""
    return INNER[solver].nfe(steps)


def inner_reach(
    sigma: float, sigma_next: float, *, solver: str, **_knobs: Value
) -> tuple[float, float]:
    """Return the lowest and the highest level at which a step of a sampler may evaluate."""
    return INNER[solver].asked((sigma, sigma_next), {})


def risen(at: Problem) -> Problem:
    """Return the problem with noise added up to where its step starts."""
    if at.sigma_from <= at.sigma:
        return at
    std = math.sqrt(at.sigma_from**2 - at.sigma**2)
    x = at.x + at.noise(at.sigma, at.sigma_from) * std
    return replace(at, x=x, sigma=at.sigma_from)
