"""Annealed Langevin dynamics: the sampler of the noise-conditional score networks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def annealed_langevin(at: Problem, *, epsilon: float, updates: int) -> Step:
    """Take `updates` Langevin steps at the level that the step leads to; at 0, return D.

    Song and Ermon 2020, Algorithm 1 (2019, Algorithm 1, with the half of its step size). The first
    step of a run does the same at the level it begins at, so that every level has its turn, and a
    state is always of the level it is said to be of. Nothing is done to a state on its way from
    one level to the next.
    """
    levels = [at.sigma] if at.index == 0 else []
    if at.sigma_next > 0:
        levels.append(at.sigma_next)
    x, first = at.x, None
    for sigma in levels:
        for _ in range(updates):
            denoised = at.denoise(x, sigma)
            first = denoised if first is None else first
            x = _moved(x, denoised, at.noise(sigma, sigma), sigma, epsilon)
    if at.sigma_next > 0:
        return at.step(x, x if first is None else first)
    denoised = at.denoise(x, at.sigma)
    return at.step(denoised, denoised if first is None else first)


def _moved(x: Tensor, denoised: Tensor, noise: Tensor, sigma: float, epsilon: float) -> Tensor:
    """Return X + a g + sqrt(2 a) z with a = epsilon sigma^2 and the score g = (D - X) / sigma^2."""
    return x.lerp(denoised, epsilon) + noise * (math.sqrt(2 * epsilon) * sigma)


def _cost(steps: int, *, updates: int, **_knobs: Value) -> int:
    return steps * updates + 1


SPECS = (
    Spec(
        id="annealed_langevin",
        label="Annealed Langevin",
        family="SDE",
        source="Song and Ermon 2019, 2020, Algorithm 1",
        help="Waits at every level until the pictures have the noise of that level, then goes to "
        "the next at once. N levels cost N T + 1 evaluations.",
        formula=("x ← x + ε (D(x; σ) − x) + √(2ε) σ z"),
        run=annealed_langevin,
        knobs=(
            Knob(
                "updates",
                "Updates T",
                10,
                low=1,
                high=10000,
                soft=(1, 100),
                help="Langevin steps at each level: 100 in Song and Ermon 2019, 3 to 5 on "
                "hundreds of levels in 2020.",
                formula=("x ← x + ε (D(x; σ) − x) + √(2ε) σ z,   T times at each level"),
                source=("Song and Ermon 2020, Algorithm 1"),
            ),
            Knob(
                "epsilon",
                "Step size ε",
                0.2,
                low=1e-6,
                high=2.0,
                soft=(0.01, 1.0),
                log=True,
                help="The size of a Langevin step in units of the variance of the noise, the same "
                "at each level. It is the ε of Song and Ermon 2020 over the square of the lowest "
                "level, in which form it has no coordinates (theirs for CIFAR-10: 6.2e-6 / 0.01² = "
                "0.062). The fewer levels and updates, the larger; the noise that it leaves is too "
                "strong by a part of ε/4.",
                formula=("x ← x + ε (D(x; σ) − x) + √(2ε) σ z"),
                source=("Song and Ermon 2020, Algorithm 1"),
            ),
        ),
        stochastic=True,
        cost=_cost,
    ),
)
