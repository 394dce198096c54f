"""Fit a schedule to the open model and judge it on noise that the fit has not seen."""

from typing import TYPE_CHECKING, Any

from studio.diffusion import (
    SAMPLERS,
    initial_noise,
    random_labels,
    sample,
    schedule,
    state_dtype,
    tune_schedule,
)
from studio.diffusion.peers import PEERS, best_peer
from studio.engine.batches import BatchedDenoiser, first_limit
from studio.engine.showing import condition_of
from studio.engine.sizes import state_shape
from studio.library import Recipe
from studio.library.comparison import Pick
from studio.library.fits import Fit

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import Tensor

    from studio.models import Model

FITTED_ON, HELD_OUT = 24, 24
"""Pictures that a schedule is fitted on, and others that it is judged on."""

CANDIDATES = 120
REFERENCE = ("unipc", 200)
_FIRST_SEED = 3_000_000_000  # away from the seeds that people take


def cost_of_fit(nfe: int) -> int:
    """Return how many network calls a fit for a solver of `nfe` evaluations takes."""
    return 2 * REFERENCE[1] + (CANDIDATES + len(PEERS) + 1) * nfe


def fit(
    model: "Model",
    solver: Pick,
    steps: int,
    ends: tuple[float, float],
    *,
    stopped: "Callable[[], bool]",
    tell: "Callable[[int, float], None]",
    base: Recipe | None = None,
) -> Fit:
    """Fit a schedule between the ends (sigma_min, sigma_max) for a solver.

    It is fitted on 24 pictures and judged on 24 others, half of them with a class if the model has
    classes, and of the size and the prompts of a `base`. `tell(calls, error)` hears of every
    candidate.

    Raises:
        KnobError: the sampler draws noise or is adaptive.
        Stopped: `stopped()` said so.
    """
    low, high = ends
    values: dict[str, Any] = dict(solver.knobs)
    nfe = SAMPLERS[solver.id].nfe(steps, **values) or 0
    recipe, first = base or Recipe(), range(_FIRST_SEED, _FIRST_SEED + FITTED_ON)
    denoise, x = _case(model, recipe, first, high, stopped)
    sigmas = tune_schedule(
        denoise,
        x,
        steps,
        solver.id,
        low,
        high,
        budget=REFERENCE[1] + CANDIDATES * nfe,
        progress=lambda calls, _budget, error: tell(calls, error),
        **values,
    )
    denoise, x = _case(model, recipe, range(first.stop, first.stop + HELD_OUT), high, stopped)
    *_, exact = sample(denoise, x, schedule("karras", REFERENCE[1], low, high), REFERENCE[0])
    *_, last = sample(denoise, x, sigmas, solver.id, **values)
    error = float((last.x - exact.x).square().mean().sqrt())
    public_error, public = best_peer(denoise, x, exact.x, nfe, ends)
    return Fit(
        sampler=solver.id,
        knobs=solver.knobs,
        steps=steps,
        sigmas=sigmas,
        error=error,
        public_error=public_error,
        public=public,
    )


def _case(
    model: "Model",
    base: Recipe,
    seeds: range,
    high: float,
    stopped: "Callable[[], bool]",
) -> "tuple[BatchedDenoiser, Tensor]":
    """Return a denoiser and the states to start from, one for each seed."""
    import torch

    count, shape = len(seeds), state_shape(base, model.info)
    x = initial_noise(seeds, shape).to(model.device, state_dtype(model.device)) * high
    labels = (-1,) * count if not model.info.classes else _labels(seeds, shape, model)
    condition = condition_of(
        base.model_copy(update={"seeds": tuple(seeds), "labels": labels}), model
    )

    @torch.inference_mode()
    def denoise(x: "torch.Tensor", sigma: float, rows: slice) -> "torch.Tensor":
        return model.denoise(x, sigma, condition=condition.part(rows))

    limit = first_limit(model, shape, count)
    return BatchedDenoiser(denoise, stopped, limit), x


def _labels(seeds: range, shape: tuple[int, int, int], model: "Model") -> tuple[int, ...]:
    labels = random_labels(seeds, shape, len(model.info.classes))
    labels[::2] = -1
    return tuple(labels.tolist())
