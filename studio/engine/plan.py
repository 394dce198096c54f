"""Work out from a recipe what a run will do, before anything runs."""

from dataclasses import dataclass
from typing import Any

from studio.diffusion import SAMPLERS, SCHEDULES, KnobError, schedule
from studio.diffusion.sample import checked_sigmas
from studio.library import Recipe
from studio.models import ModelInfo


@dataclass(frozen=True, slots=True)
class Plan:
    """The noise levels of a run and its cost.

    `sigmas` has one value more than there are steps; `nfe` counts denoiser evaluations.
    """

    sigmas: tuple[float, ...]
    nfe: int

    @property
    def steps(self) -> int:
        """Return how many steps the run takes, which some schedules choose themselves."""
        return len(self.sigmas) - 1


def plan(recipe: Recipe, info: ModelInfo) -> Plan:
    """Compute the list of σ and the cost of `recipe` on the model that `info` describes.

    A list of σ that the recipe already carries is kept as it is. Where the recipe leaves an end of
    the range open, the schedule's own is taken, within the range of the model.

    Raises:
        ValueError: the list of σ in the recipe cannot be sampled.
        KnobError: the recipe names an unknown sampler or schedule, or a knob is out of bounds.
    """
    if recipe.sampler not in SAMPLERS:
        known = ", ".join(SAMPLERS)
        raise KnobError(f"There is no sampler “{recipe.sampler}”. Choose one of: {known}.")
    sampler = SAMPLERS[recipe.sampler]
    sampler.values(recipe.knobs)
    sigmas = checked_sigmas(recipe.sigmas) if recipe.sigmas else _sigmas(recipe, info)
    return Plan(sigmas, sampler.nfe(len(sigmas) - 1))


def _sigmas(recipe: Recipe, info: ModelInfo) -> tuple[float, ...]:
    low, high = sigma_range(recipe, info)
    knobs: dict[str, Any] = dict(recipe.schedule_knobs)
    return schedule(recipe.schedule, recipe.steps, low, high, **knobs)


def sigma_range(recipe: Recipe, info: ModelInfo) -> tuple[float | None, float | None]:
    """Return (σ_min, σ_max) as the recipe asks, open ends filled from schedule and model."""
    spec = SCHEDULES.get(recipe.schedule)
    if spec is None or spec.sigma_range is None:
        return recipe.sigma_min, recipe.sigma_max
    low, high = spec.sigma_range
    return (
        max(low, info.sigma_min) if recipe.sigma_min is None else recipe.sigma_min,
        min(high, info.sigma_max) if recipe.sigma_max is None else recipe.sigma_max,
    )
