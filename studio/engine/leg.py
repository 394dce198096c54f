"""The legs of a run: from each change of the recipe to the next one solver follows one list."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

from studio.diffusion import SOLVERS, KnobError
from studio.diffusion.spec import every_level
from studio.engine.plan import levels, plan
from studio.library import Recipe
from studio.library.way import SCHEDULE_FIELDS
from studio.models import ModelInfo

_CLOSE = 1 - 1e-6
"""A level nearer than this to that of the state is no step of its own."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a run that one solver takes with one set of knobs.

    `recipe` has no segments and every list filled in; `sigmas` is the list that the solver is given
    and `offset` the step of the run at which that list begins. `sigma_range` is that of the first
    leg's list, None for itself.
    """

    recipe: Recipe
    sigmas: tuple[float, ...]
    offset: int = 0
    sigma_range: tuple[float, float] | None = None

    @property
    def levels(self) -> tuple[float, ...]:
        """Return the level before each step of the list and the last; nothing if unknown."""
        return levels(self.recipe.sampler, self.recipe.knobs, self.sigmas)

    @property
    def total(self) -> int | None:
        """Return how many steps the run has had when this leg is over; None if unknown."""
        way = self.levels
        return self.offset + len(way) - 1 if way else None

    @property
    def last(self) -> float:
        """Return the level at which the leg ends."""
        return self.sigmas[-1]


def first_leg(recipe: Recipe) -> Leg:
    """Return the leg with which a recipe begins whose lists are filled in."""
    return Leg(recipe.model_copy(update={"segments": ()}), recipe.sigmas)


def next_leg(leg: Leg, recipe: Recipe, step: int, past: Sequence[float], sigma: float) -> Leg:
    """Return the leg that goes on at `step` with another recipe.

    The recipe's `sigmas` are the levels that are left, from that of the state on, or empty where
    the list stays as it is. `past`: the level before each step so far; `sigma`: that of the state.
    A solver that was at work already, or that looks at no earlier steps, goes on in a list with
    the levels that are past; another one begins anew.

    Raises:
        KnobError: there is nothing left to do, or the recipe does not fit.
    """
    recipe = recipe.model_copy(update={"segments": ()})
    if not recipe.sigmas:
        recipe = recipe.model_copy(update={"sigmas": leg.recipe.sigmas})
        return Leg(recipe, leg.sigmas, leg.offset, leg.sigma_range)
    left, whole = recipe.sigmas, leg.sigma_range or _ends(leg.sigmas)
    spec, same = SOLVERS[recipe.sampler], recipe.sampler == leg.recipe.sampler
    offset = leg.offset if same else 0
    joined = (*past[offset:step], *left)
    if spec.legs is every_level and (same or spec.memory == 0) and _falls(joined):
        return Leg(recipe, joined, offset, whole)
    return Leg(recipe, left, step, whole)


def levels_left(leg: Leg, recipe: Recipe, sigma: float, info: ModelInfo) -> tuple[float, ...]:
    """Return the levels that a changed recipe still leads through, from `sigma` on.

    They are those of its own list below `sigma`, and empty where solver and list stay as they are.

    Raises:
        KnobError: none is left, or the recipe does not fit the model.
    """
    before = leg.recipe
    redrawn = any(getattr(before, name) != getattr(recipe, name) for name in SCHEDULE_FIELDS)
    if redrawn:
        whole = plan(recipe.model_copy(update={"sigmas": ()}), info).sigmas
    else:
        knobs: dict[str, Any] = dict(recipe.knobs)
        same = recipe.sampler == before.sampler
        if same and levels(recipe.sampler, knobs, leg.sigmas) == leg.levels:
            return ()
        whole = leg.sigmas
    below = tuple(level for level in whole if level < sigma * _CLOSE)
    if not below:
        raise KnobError(
            f"Nothing is left to sample below σ {sigma:.4g}: the schedule ends at {whole[-1]:.4g}. "
            "Go on from an earlier step."
        )
    return (sigma, *below)


def way_of(recipe: Recipe, taken: tuple[float, ...] = ()) -> tuple[float, ...]:
    """Return the level before each step of a frozen recipe, segments included, and the last.

    `taken` holds the levels of the steps that were taken already, which tell of solvers that find
    their own way. Empty where nothing tells.
    """
    leg, way = first_leg(recipe), levels(recipe.sampler, recipe.knobs, recipe.sigmas)
    for segment, (step, part) in zip(recipe.segments, islice(recipe.parts(), 1, None), strict=True):
        way = way if len(way) > step else taken
        if len(way) <= step:
            return taken
        left = segment.changes.get("sigmas", ())
        leg = next_leg(leg, part.model_copy(update={"sigmas": left}), step, way[:step], way[step])
        way = (*way[:step], *leg.levels[step - leg.offset :]) if leg.levels else ()
    return way or taken


def _ends(sigmas: tuple[float, ...]) -> tuple[float, float] | None:
    low = min(sigma for sigma in sigmas if sigma > 0)
    return (low, sigmas[0]) if low < sigmas[0] else None


def _falls(sigmas: tuple[float, ...]) -> bool:
    return all(a > b for a, b in pairwise(sigmas))
