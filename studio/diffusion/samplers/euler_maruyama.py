"""The reverse SDE by Euler-Maruyama."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion.sde import SDE_KNOBS, reverse_step
from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def euler_maruyama(at: Problem, *, path: str, langevin: str) -> Step:
    """Take one step in the time of the path (Song et al. 2021, ScoreSDE, appendix D)."""
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    return at.step(reverse_step(at, denoised, path, langevin), denoised)


SPECS = (
    Spec(
        id="euler_maruyama",
        label="Euler-Maruyama",
        family="SDE",
        source="Song et al. 2021 (ScoreSDE), appendix D; Karras et al. 2022, Eq. 6",
        help="Follows the reverse SDE in small straight steps: one evaluation a step, and many "
        "steps. At 0 it returns the estimate.",
        run=euler_maruyama,
        knobs=SDE_KNOBS,
        stochastic=True,
    ),
)
