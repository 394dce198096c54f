"""Work out from a recipe what a run will do, before anything runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.diffusion import SAMPLERS, SCHEDULES, Value, schedule
from studio.diffusion.registry import find
from studio.diffusion.sample import checked_sigmas
from studio.library import Recipe
from studio.models import ModelInfo


@dataclass(frozen=True, slots=True)
class Plan:
    """The noise levels of a run and its cost.

    `sigmas` is the list of the schedule, one value more than it has steps. `levels` holds the one
    before each step that the solver takes and the last: the same list, unless the solver plans its
    own way, and nothing where it finds its way as it goes. `nfe` counts denoiser evaluations, None
    where the solver cannot know.
    """

    sigmas: tuple[float, ...]
    levels: tuple[float, ...]
    nfe: int | None


def plan(recipe: Recipe, info: ModelInfo) -> Plan:
    """Compute the list of σ and the cost of `recipe` on the model that `info` describes.

    A list of σ that the recipe already carries is kept as it is. Where the recipe leaves an end of
    the range open, the schedule's own is taken, within the range of the model.

    Raises:
        ValueError: the list of σ in the recipe cannot be sampled.
        KnobError: the recipe names an unknown sampler or schedule, or a knob is out of bounds.
    """
    sampler = find(SAMPLERS, recipe.sampler, "sampler")
    knobs: dict[str, Any] = dict(recipe.knobs)
    nfe = sampler.nfe(recipe.steps, **knobs)  # checks the knobs, too
    sigmas = checked_sigmas(recipe.sigmas) if recipe.sigmas else _sigmas(recipe, info)
    if len(sigmas) - 1 != recipe.steps:
        nfe = sampler.nfe(len(sigmas) - 1, **knobs)
    return Plan(sigmas, levels(recipe.sampler, knobs, sigmas), nfe)


def levels(
    sampler: str, knobs: Mapping[str, Value], sigmas: tuple[float, ...]
) -> tuple[float, ...]:
    """Return the noise level before each step that a sampler takes, and the last one.

    Nothing where it cannot be known: the sampler is adaptive, or unknown here.
    """
    spec = SAMPLERS.get(sampler)
    legs = spec.legs(sigmas, **spec.values(knobs)) if spec else ()
    return (*(start for start, _ in legs), legs[-1][1]) if legs else ()


def _sigmas(recipe: Recipe, info: ModelInfo) -> tuple[float, ...]:
    low, high = sigma_range(recipe, info)
    knobs: dict[str, Any] = dict(recipe.schedule_knobs)
    return schedule(recipe.schedule, recipe.steps, low, high, table=info.table or None, **knobs)


def sigma_range(recipe: Recipe, info: ModelInfo) -> tuple[float | None, float | None]:
    """Return (σ_min, σ_max) as the recipe asks, open ends filled from schedule and model."""
    spec = SCHEDULES.get(recipe.schedule)
    own = spec.range_with(recipe.schedule_knobs) if spec else None
    if own is None:
        return recipe.sigma_min, recipe.sigma_max
    low, high = own
    return (
        max(low, info.sigma_min) if recipe.sigma_min is None else recipe.sigma_min,
        min(high, info.sigma_max) if recipe.sigma_max is None else recipe.sigma_max,
    )
