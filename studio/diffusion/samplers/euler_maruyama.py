"""The reverse SDE by the method of Euler and Maruyama."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion.sde import SDE_KNOBS, reverse
from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def euler_maruyama(at: Problem, *, path: str, langevin: str) -> Step:
    """Take one step of the reverse SDE; on VE's path it is the reverse-diffusion predictor.

    Song et al. 2021, Eq. 6; Karras et al. 2022, Eq. 6. With strength 0 it is Euler's method in the
    same design space, save that a step to 0 returns the estimate.
    """
    x, denoised = reverse(at, path, langevin)
    return at.step(x, denoised)


SPECS = (
    Spec(
        id="euler_maruyama",
        label="Euler–Maruyama",
        family="SDE",
        source="Song et al. 2021, Eq. 6; Karras et al. 2022, Eq. 6",
        help="Follows the reverse SDE: fresh noise in every step corrects earlier errors, but many "
        "steps are needed. One evaluation a step.",
        formula=("dx = −σ̇ σ ∇ log p(x; σ) dt − β σ² ∇ log p(x; σ) dt + √(2β) σ dω"),
        run=euler_maruyama,
        knobs=SDE_KNOBS,
        stochastic=True,
    ),
)
