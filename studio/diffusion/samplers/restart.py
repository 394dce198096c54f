"""Restart: Heun's method that goes over the same levels again, each time from fresh noise."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from studio.diffusion.churn import CHURN_KNOBS
from studio.diffusion.knob import Knob
from studio.diffusion.samplers.heun import heun
from studio.diffusion.spec import Spec, two_but_last

if TYPE_CHECKING:
    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step

_RHO = 7.0


def restart(at: Problem, *, s_noise: float, **_way: Value) -> Step:
    """Take one step of Heun, after adding noise where the leg begins above the state.

    Xu et al. 2023, Algorithm 1.
    """
    sigma = at.sigma_from
    if sigma > at.sigma:
        std = math.sqrt(sigma**2 - at.sigma**2) * s_noise
        at = replace(at, x=at.x + at.noise(at.sigma, sigma) * std, sigma=sigma)
    return heun(
        at,
        alpha=1.0,
        path="edm",
        scaling="none",
        s_churn=0.0,
        s_tmin=0.0,
        s_tmax=math.inf,
        s_noise=1.0,
    )


def legs(
    sigmas: tuple[float, ...],
    *,
    restarts: int,
    restart_steps: int,
    restart_min: float,
    restart_max: float,
    **_knobs: Value,
) -> tuple[tuple[float, float], ...]:
    """Return the legs of the list and, at the level nearest to `restart_min`, those of each loop.

    No loop leads above the start of the list, and there is none where no level above 0 is below
    `restart_max`.
    """
    way = tuple(pairwise(sigmas))
    below = [sigma for sigma in sigmas[1:] if 0 < sigma < restart_max <= sigmas[0]]
    if not below:
        return way
    low = min(below, key=lambda sigma: abs(sigma - restart_min))
    after = sigmas.index(low)
    loop = tuple(pairwise(_loop(restart_max, low, restart_steps)))
    return way[:after] + loop * restarts + way[after:]


def _loop(high: float, low: float, steps: int) -> list[float]:
    """Return the levels of a loop (Karras et al. 2022, Eq. 5), the ends exact."""
    top, bottom = high ** (1 / _RHO), low ** (1 / _RHO)
    inner = [(top + i / steps * (bottom - top)) ** _RHO for i in range(1, steps)]
    return [high, *inner, low]


def _cost(steps: int, *, restarts: int, restart_steps: int, **_knobs: Value) -> int:
    # A list of one step has no level to restart from.
    loops = restarts if steps > 1 else 0
    return two_but_last(steps) + 2 * loops * restart_steps


SPECS = (
    Spec(
        id="restart",
        label="Restart",
        family="SDE",
        source="Xu et al. 2023, Algorithm 1",
        help="Heun's method that, once the noise is low, adds noise again and goes back down, so "
        "that errors made so far shrink. The loops come on top of the steps of the list.",
        formula=("at t_min, K times:  x ← x + √(t_max² − t_min²) z,   then Heun back to t_min"),
        run=restart,
        knobs=(
            Knob(
                "restarts",
                "Restarts K",
                2,
                low=0,
                high=1000,
                soft=(0, 20),
                help="How often the noise is raised again. The default loop of 2 × 2 steps is "
                "that of Xu et al. 2023 for EDM on CIFAR-10: 43 evaluations with 18 steps.",
                formula=(
                    "K times:  x ← x + √(t_max² − t_min²) S_noise z,   then Heun from t_max to "
                    "t_min"
                ),
                source=("Xu et al. 2023, Algorithm 1"),
            ),
            Knob(
                "restart_steps",
                "Inner steps",
                2,
                low=1,
                high=1000,
                soft=(1, 20),
                help="Steps of Heun on the way back, one less than the levels N_Restart of Xu et "
                "al. 2023.",
                formula=("tᵢ = (t_max^(1/7) + i/n (t_min^(1/7) − t_max^(1/7)))⁷,   i = 0 … n"),
                source=("Xu et al. 2023, Algorithm 1; Karras et al. 2022, Eq. 5"),
            ),
            Knob(
                "restart_min",
                "t_min",
                0.06,
                low=1e-6,
                soft=(0.01, 2.0),
                log=True,
                unit="σ",
                help="Where restarts begin: the level of the list that is nearest to it (Xu et al. "
                "2023; 0.06 on CIFAR-10, about 1 for early loops on larger pictures).",
                formula=("x ← x + √(t_max² − t_min²) S_noise z"),
                source=("Xu et al. 2023, Algorithm 1"),
            ),
            Knob(
                "restart_max",
                "t_max",
                0.3,
                low=1e-6,
                soft=(0.05, 20.0),
                log=True,
                unit="σ",
                help="The level that restarts climb to (Xu et al. 2023; 0.3 on CIFAR-10). There is "
                "none if the list starts below it or has no level between it and 0.",
                formula=("x ← x + √(t_max² − t_min²) S_noise z"),
                source=("Xu et al. 2023, Algorithm 1"),
            ),
            *(knob for knob in CHURN_KNOBS if knob.id == "s_noise"),
        ),
        stochastic=True,
        cost=_cost,
        legs=legs,
    ),
)
