"""Turn the cells of a comparison into recipes, and say beforehand what they cost."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from studio.diffusion import SAMPLERS, KnobError
from studio.diffusion.registry import find
from studio.engine.fitting import cost_of_fit
from studio.engine.plan import plan, sigma_range
from studio.library import Recipe
from studio.library.comparison import FITTED, REFERENCES, Cell, Comparison
from studio.library.fits import Fits
from studio.models import ModelInfo

GUESSED = 200
"""Evaluations of an adaptive solver, which nobody knows."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a comparison still has to do: cells, fits, and network calls of the whole batch.

    `small_calls` are those of the fits, which take fewer pictures.
    """

    cells: int
    fits: int
    calls: int
    small_calls: int


def outlook(
    comparison: Comparison, info: ModelInfo, fits: Fits, done: Collection[str], *, begun: bool
) -> Outlook:
    """Return what is left when the cells with the keys `done` are there.

    begun: the end points of the reference are there, too.
    """
    cells = [cell for cell in comparison.cells() if cell.key not in done]
    costs = [spent(cell) for cell in cells]
    fitted = [
        cost_of_fit(cost)
        for cell, cost in zip(cells, costs, strict=True)
        if needs_fit(cell, comparison, info, fits)
    ]
    reference = REFERENCES[comparison.reference]
    fine = SAMPLERS[reference.sampler].nfe(reference.steps, **reference.knobs) or GUESSED
    calls = sum(costs) + (0 if begun else fine)
    return Outlook(len(cells), len(fitted), calls, sum(fitted))


def steps_of(cell: Cell) -> int:
    """Return the largest number of steps that the cell's budget pays; for an adaptive solver 18.

    Raises:
        KnobError: not even one step can be paid, or the sampler or a knob is unknown.
    """
    spec = find(SAMPLERS, cell.solver.id, "sampler")
    knobs: dict[str, Any] = dict(cell.solver.knobs)
    if cell.budget is None:
        return 18
    for steps in range(cell.budget, 0, -1):
        cost = spec.nfe(steps, **knobs)
        if cost is not None and cost <= cell.budget:
            return steps
    raise KnobError(f"{spec.label} takes more than {cell.budget} evaluations.")


def spent(cell: Cell) -> int:
    """Return the evaluations that a cell will take, a guess for an adaptive solver."""
    knobs: dict[str, Any] = dict(cell.solver.knobs)
    try:
        return SAMPLERS[cell.solver.id].nfe(steps_of(cell), **knobs) or GUESSED
    except KnobError:
        return 0


def ends_of(comparison: Comparison, info: ModelInfo) -> tuple[float, float]:
    """Return (sigma_min, sigma_max), which all cells share so that they follow the same path."""
    low, high = sigma_range(comparison.base.model_copy(update={"schedule": "karras"}), info)
    assert low is not None
    assert high is not None
    return low, high


def needs_fit(cell: Cell, comparison: Comparison, info: ModelInfo, fits: Fits) -> bool:
    """Tell whether a schedule has to be fitted before the cell can be sampled."""
    if cell.schedule.id != FITTED or SAMPLERS[cell.solver.id].stochastic:
        return False
    steps, high = steps_of(cell), ends_of(comparison, info)[1]
    return fits.find(cell.solver.id, cell.solver.knobs, steps, high) is None


def recipe_of(cell: Cell, comparison: Comparison, info: ModelInfo, fits: Fits) -> Recipe:
    """Return what to sample for a cell.

    Raises:
        KnobError: the cell cannot be sampled; the message says why.
    """
    low, high = ends_of(comparison, info)
    steps = steps_of(cell)
    changes: dict[str, Any] = {
        "sampler": cell.solver.id,
        "knobs": cell.solver.knobs,
        "schedule": cell.schedule.id,
        "schedule_knobs": cell.schedule.knobs,
        "steps": steps,
        "sigma_min": low,
        "sigma_max": high,
        "sigmas": (),
        "segments": (),
    }
    if cell.schedule.id == FITTED:
        fit = fits.find(cell.solver.id, cell.solver.knobs, steps, high)
        if fit is None:
            raise KnobError("No schedule can be fitted to a solver that draws noise.")
        changes |= {"schedule": "custom", "schedule_knobs": {"levels": fit.levels}}
        changes["sigmas"] = fit.sigmas
    recipe = comparison.base.model_copy(update=changes)
    planned = plan(recipe, info)
    if cell.budget is not None and (planned.nfe or 0) > cell.budget:
        raise KnobError(f"It takes {planned.nfe} evaluations, more than {cell.budget}.")
    return recipe


def reference_recipe(comparison: Comparison, info: ModelInfo) -> Recipe:
    """Return what to sample for the end points that all others are measured against."""
    return fine_recipe(comparison.base, comparison.reference, ends_of(comparison, info))


def fine_recipe(base: Recipe, reference: str, ends: tuple[float, float]) -> Recipe:
    """Return what to sample for exact end points between the ends (sigma_min, sigma_max)."""
    chosen, (low, high) = REFERENCES[reference], ends
    changes: dict[str, Any] = {
        "sampler": chosen.sampler,
        "knobs": dict(chosen.knobs),
        "schedule": "karras",
        "schedule_knobs": {},
        "steps": chosen.steps,
        "sigma_min": low,
        "sigma_max": high,
        "sigmas": (),
        "segments": (),
    }
    return base.model_copy(update=changes)
