"""Restart: go back up with fresh noise and down again, several times, on the way."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.diffusion.samplers.heun import heun
from studio.diffusion.spec import Spec, two_but_last

if TYPE_CHECKING:
    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step

RHO = 7.0
Legs = tuple[tuple[float, float], ...]


def restart(at: Problem, *, s_noise: float, **_way: float) -> Step:
    """Add noise where the way goes up, then take a step of Heun (Xu et al. 2023, Algorithm 1)."""
    if at.sigma_from > at.sigma:
        spread = sqrt(at.sigma_from**2 - at.sigma**2) * s_noise
        x = at.x + at.noise(at.sigma, at.sigma_from) * spread
        at = replace(at, x=x, sigma=at.sigma_from)
    still = {"s_churn": 0.0, "s_tmin": 0.0, "s_tmax": 0.0, "s_noise": 1.0}
    return heun(at, alpha=1.0, path="edm", scaling="none", **still)


def with_restarts(
    sigmas: tuple[float, ...],
    *,
    restart_min: float,
    restart_max: float,
    restarts: int,
    restart_steps: int,
    **_knobs: Value,
) -> Legs:
    """Return the steps of the list, with those of the restarts after the level of `restart_min`.

    That level is the one of the list nearest to it; where it lies above `restart_max`, or at the
    beginning, there are none.
    """
    legs = tuple(pairwise(sigmas))
    ends = [i for i, (_, end) in enumerate(legs) if 0 < end < restart_max]
    if not ends:
        return legs
    chosen = min(ends, key=lambda i: abs(legs[i][1] - restart_min))
    top, bottom = restart_max ** (1 / RHO), legs[chosen][1] ** (1 / RHO)
    inner = [(top + i / (restart_steps - 1) * (bottom - top)) ** RHO for i in range(restart_steps)]
    inner[0], inner[-1] = restart_max, legs[chosen][1]
    return legs[: chosen + 1] + tuple(pairwise(inner)) * restarts + legs[chosen + 1 :]


def _cost(steps: int, restarts: int, restart_steps: int, **_knobs: Value) -> int:
    return two_but_last(steps + restarts * (restart_steps - 1) if steps > 1 else steps)


SPECS = (
    Spec(
        id="restart",
        label="Restart",
        family="SDE",
        source="Xu et al. 2023 (Restart), Algorithm 1",
        help="Heun's steps, and on reaching a low noise level several times back up with fresh "
        "noise, which shrinks the errors made so far. At 0 it returns the estimate.",
        run=restart,
        knobs=(
            Knob(
                "restarts",
                "Restarts K",
                2,
                low=0,
                high=1000,
                soft=(0, 10),
                help="How many times it goes back up (Xu et al. 2023, K).",
            ),
            Knob(
                "restart_steps",
                "Levels a restart",
                3,
                low=2,
                high=1000,
                soft=(2, 10),
                help="The levels of each way down, one more than steps (Xu et al. 2023, N).",
            ),
            Knob(
                "restart_min",
                "t_min",
                0.06,
                low=1e-4,
                soft=(0.01, 10.0),
                log=True,
                unit="σ",
                help="Where it goes back up: the nearest level of the list is taken (Xu et al. "
                "2023; 0.06 is theirs for CIFAR-10).",
                group="Stochasticity",
            ),
            Knob(
                "restart_max",
                "t_max",
                0.3,
                low=1e-4,
                soft=(0.01, 40.0),
                log=True,
                unit="σ",
                help="How far up it goes (Xu et al. 2023; 0.3 is theirs for CIFAR-10).",
                group="Stochasticity",
            ),
            Knob(
                "s_noise",
                "S_noise",
                1.0,
                low=0.0,
                high=10.0,
                soft=(0.0, 1.1),
                step=0.001,
                help="The std of the fresh noise (Xu et al. 2023).",
                group="Stochasticity",
            ),
        ),
        stochastic=True,
        cost=_cost,
        legs=with_restarts,
    ),
)
