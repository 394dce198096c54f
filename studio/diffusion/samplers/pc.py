"""The predictor-corrector sampler of ScoreSDE."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.diffusion.sde import SDE_KNOBS, reverse_step
from studio.diffusion.spec import Spec
from studio.diffusion.step import rms

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def pc(at: Problem, *, path: str, langevin: str, corrector_steps: int, snr: float) -> Step:
    """Predict along the reverse SDE, then correct by Langevin steps at the level reached.

    Song et al. 2021 (ScoreSDE), Algorithms 2 to 5.
    """
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    x = reverse_step(at, denoised, path, langevin)
    for _ in range(corrector_steps):
        x = _correct(at, x, snr)
    return at.step(x, denoised)


def _correct(at: Problem, x: Tensor, snr: float) -> Tensor:
    """Return the state after one Langevin step; each picture has a step size of its own."""
    sigma = at.sigma_next
    score = (at.denoise(x, sigma) - x) / sigma**2
    noise = at.noise(sigma, sigma)
    shape = (len(x), *(1,) * (x.ndim - 1))
    size = ((rms(noise) / rms(score).clamp(min=1e-12)) * snr).square().mul(2).reshape(shape)
    return x + score * size + noise * (size.sqrt() * sqrt(2))


def _cost(steps: int, corrector_steps: Value, **_knobs: Value) -> int:
    return steps + int(corrector_steps) * (steps - 1)


SPECS = (
    Spec(
        id="pc",
        label="PC",
        family="SDE",
        source="Song et al. 2021 (ScoreSDE), Algorithms 2 to 5",
        help="A step of the reverse SDE, then Langevin steps that mend its error: at least two "
        "evaluations a step. At 0 it returns the estimate.",
        run=pc,
        knobs=(
            *SDE_KNOBS,
            Knob(
                "corrector_steps",
                "Corrections",
                1,
                low=0,
                high=100,
                soft=(0, 5),
                help="Langevin steps after each predictor step, M of Algorithm 1 "
                "(Song et al. 2021).",
            ),
            Knob(
                "snr",
                "SNR r",
                0.16,
                low=0.0,
                high=2.0,
                soft=(0.01, 0.5),
                step=0.01,
                help="How far a correction goes: the norm of its drift over that of its noise "
                "(Song et al. 2021, Algorithms 4 and 5).",
                group="Stochasticity",
            ),
        ),
        stochastic=True,
        cost=_cost,
    ),
)
