"""Work out from a recipe what a run will do, before anything runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.diffusion import SCHEDULES, SOLVERS, KnobError, Value, schedule
from studio.diffusion.registry import find
from studio.diffusion.sample import checked_sigmas
from studio.engine.sizes import state_shape
from studio.library import Recipe
from studio.library.fields import MAX_STEPS
from studio.models import ModelInfo

_SLACK = 1 + 1e-6


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
        KnobError: the recipe names an unknown sampler or schedule, a knob is out of bounds, the
            noise levels leave the range of the model, the model has no pictures of that size, or
            there would be more than 10,000 steps.
    """
    state_shape(recipe, info)
    check_task(recipe, info)
    sampler = find(SOLVERS, recipe.sampler, "sampler")
    knobs: dict[str, Any] = dict(recipe.knobs)
    nfe = sampler.nfe(recipe.steps, **knobs)  # checks the knobs, too
    sigmas = checked_sigmas(recipe.sigmas) if recipe.sigmas else _sigmas(recipe, info)
    if len(sigmas) - 1 != recipe.steps:
        nfe = sampler.nfe(len(sigmas) - 1, **knobs)
    _check_range(sigmas, info)
    way = levels(recipe.sampler, knobs, sigmas)
    if len(way) > MAX_STEPS + 1:
        raise KnobError(
            f"{sampler.label} would take {len(way) - 1:,} steps; at most {MAX_STEPS:,} are taken. "
            "Lower the number of steps or of repeats."
        )
    return Plan(sigmas, way, nfe)


def check_task(recipe: Recipe, info: ModelInfo) -> None:
    """Refuse a method that has nothing to restore, or a model that cannot."""
    spec = SOLVERS.get(recipe.sampler)
    if spec is None or not spec.restores:
        return
    if recipe.restoration is None:
        raise KnobError(f"{spec.label} restores a picture. Choose one in the Edit tab first.")
    if info.planar:
        raise KnobError(f"“{info.name}” makes points, no pictures. Open a model of pictures.")
    if info.pixels > 1 and not spec.latent:
        able = ", ".join(each.label for each in SOLVERS.values() if each.latent)
        raise KnobError(
            f"{spec.label} needs a model of pixels: through the autoencoder of “{info.name}” "
            f"what was measured cannot be taken apart. These work there: {able}."
        )


def _check_range(sigmas: tuple[float, ...], info: ModelInfo) -> None:
    """Refuse noise levels that the model was not made for; rounding errors pass."""
    top, last = sigmas[0], min(sigma for sigma in sigmas if sigma > 0)
    if top > info.sigma_max * _SLACK:
        raise KnobError(
            f"σ max {top:.6g} lies above {info.sigma_max:.6g}, the highest noise level that "
            f"“{info.name}” knows. Lower σ max."
        )
    if last < info.sigma_min / _SLACK:
        raise KnobError(
            f"σ min {last:.6g} lies below {info.sigma_min:.6g}, the lowest noise level that "
            f"“{info.name}” knows. Raise σ min."
        )


def levels(
    sampler: str, knobs: Mapping[str, Value], sigmas: tuple[float, ...]
) -> tuple[float, ...]:
    """Return the noise level before each step that a sampler takes, and the last one.

    Nothing where it cannot be known: the sampler is adaptive, or unknown here.
    """
    spec = SOLVERS.get(sampler)
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
