"""Annealed Langevin dynamics, the sampler of NCSN."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def annealed_langevin(at: Problem, *, epsilon: float, updates: int) -> Step:
    """Take `updates` Langevin steps at this level (Song & Ermon 2019, Algorithm 1).

    A step has the length a = epsilon sigma^2; the authors' is eps sigma^2 / sigma_L^2 with the
    lowest level sigma_L, so that epsilon here is their eps / sigma_L^2.
    """
    x, spread = at.x, at.sigma * sqrt(2 * epsilon)
    estimates: list[Tensor] = []
    for _ in range(updates):
        estimates = [*estimates[:1], at.denoise(x, at.sigma)]
        x = estimates[-1].lerp(x, 1 - epsilon) + at.noise(at.sigma, at.sigma) * spread
    if at.sigma_next == 0:
        x = at.denoise(x, at.sigma)
    return at.step(x, estimates[0])


def _cost(steps: int, updates: Value, **_knobs: Value) -> int:
    return steps * int(updates) + 1


SPECS = (
    Spec(
        id="annealed_langevin",
        label="Annealed Langevin",
        family="SDE",
        source="Song & Ermon 2019 (NCSN), Algorithm 1; 2020, with the last denoising step",
        help="Wanders at each noise level by Langevin dynamics, then goes on to the next: many "
        "evaluations a step. At 0 it returns the estimate.",
        run=annealed_langevin,
        knobs=(
            Knob(
                "epsilon",
                "ε / σ_L²",
                0.5,
                low=1e-6,
                high=1.0,
                soft=(0.001, 0.5),
                log=True,
                help="The length of a Langevin step, a share of the variance of the level "
                "(Song & Ermon 2020, technique 4).",
                group="Stochasticity",
            ),
            Knob(
                "updates",
                "Updates T",
                5,
                low=1,
                high=1000,
                soft=(1, 20),
                help="Langevin steps at each level (Song & Ermon 2019, Algorithm 1).",
            ),
        ),
        stochastic=True,
        cost=_cost,
    ),
)
