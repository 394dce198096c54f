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
from studio.engine.batches import CPU_LIMIT, BatchedDenoiser
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
) -> Fit:
    """Fit a schedule between the ends (sigma_min, sigma_max) for a solver.

    It is fitted on 24 pictures and judged on 24 others, half of them with a class if the model has
    classes. `tell(calls, error)` hears of every candidate.

    Raises:
        KnobError: the sampler draws noise or is adaptive.
        Stopped: `stopped()` said so.
    """
    low, high = ends
    values: dict[str, Any] = dict(solver.knobs)
    nfe = SAMPLERS[solver.id].nfe(steps, **values) or 0
    denoise, x = _case(model, FITTED_ON, high, stopped, _FIRST_SEED)
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
    denoise, x = _case(model, HELD_OUT, high, stopped, _FIRST_SEED + FITTED_ON)
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
    model: "Model", count: int, high: float, stopped: "Callable[[], bool]", first: int
) -> "tuple[BatchedDenoiser, Tensor]":
    """Return a denoiser and the states to start from, (count, C, H, W)."""
    import torch

    seeds, shape = range(first, first + count), model.info.shape
    x = initial_noise(seeds, shape).to(model.device, state_dtype(model.device)) * high
    labels = _labels(model, seeds)

    @torch.inference_mode()
    def denoise(x: "torch.Tensor", sigma: float, rows: slice) -> "torch.Tensor":
        return model.denoise(x, sigma, labels if labels is None else labels[rows])

    limit = CPU_LIMIT if model.device.type == "cpu" else count
    return BatchedDenoiser(denoise, stopped, limit), x


def _labels(model: "Model", seeds: range) -> "torch.Tensor | None":
    classes = len(model.info.classes)
    if not classes:
        return None
    labels = random_labels(seeds, model.info.shape, classes)
    labels[::2] = -1
    return labels.to(model.device)
