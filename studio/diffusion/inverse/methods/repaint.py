"""RePaint: go back up again and again, so that what is invented fits what is known."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from studio.diffusion.inverse.inner import (
    inner_cost,
    inner_reach,
    inner_step,
    risen,
    solver_knob,
)
from studio.diffusion.inverse.replacement import held, not_linear, projected
from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def repaint(at: Problem, *, solver: str, **_jumps: Value) -> Step:
    """Add noise where the leg begins above the state, take a step, and project.

    Lugmayr et al. 2022, Algorithm 1, with the jumps of its appendix: what is added in one go is of
    the same distribution as what is added level by level.

    What a noisy measurement shows would be forgotten below its noise, where nothing puts it back:
    on the way down from a jump it follows the state from which the jump was made.
    """
    assert at.given is not None
    step = inner_step(risen(at), solver)
    noise = at.noise(at.sigma_next, at.sigma_next)
    x = projected(at.given, step.x, noise, at.sigma_next)
    if at.given.sigma0 == 0 or at.legs[at.index] not in at.legs[: at.index]:
        return replace(step, x=x)
    base, level = _base(at)
    before = base + noise * math.sqrt(max(0.0, at.sigma_next**2 - level**2))
    x = held(at.given, x, before, at.sigma_next)
    return replace(step, x=x, carry={**step.carry, "base": base, "level": level})


def _base(at: Problem) -> tuple[Tensor, float]:
    """Return the state from which the last jump was made, and its level."""
    if at.sigma_from > at.sigma:
        return at.x, at.sigma
    carry = at.history[-1].carry
    return carry["base"], carry["level"]


def legs(
    sigmas: tuple[float, ...], *, jump_length: int, resamplings: int, **_knobs: Value
) -> tuple[tuple[float, float], ...]:
    """Return the legs down the list with the jumps back up it."""
    way = tuple(pairwise(sigmas))
    left = {len(way) - 1 - i: resamplings - 1 for i in _jumps(len(way), jump_length)}
    taken, place = [], 0
    while place < len(way):
        taken.append(way[place])
        place += 1
        if left.get(place, 0) > 0:
            left[place] -= 1
            place -= jump_length
    return tuple(taken)


def _jumps(steps: int, jump_length: int) -> range:
    """Return from where it jumps, as numbers of levels above the last but one."""
    return range(0, steps - jump_length, jump_length)


def _cost(steps: int, *, solver: str, jump_length: int, resamplings: int) -> int | None:
    again = (resamplings - 1) * jump_length * len(_jumps(steps, jump_length))
    return inner_cost(steps + again, solver=solver)


SPECS = (
    Spec(
        id="repaint",
        label="RePaint",
        family="Projection",
        source="Lugmayr et al. 2022, Algorithm 1",
        help="Puts what is known back after each step, and goes over the same levels several "
        "times, so that both parts agree. Thorough and slow: hundreds to thousands of evaluations.",
        formula=(
            "x ← m (y + σ′ z) + (1 − m) x′\n"
            "every j levels, r − 1 times:  x ← x + √(σ_up² − σ′²) z,   then down again"
        ),
        run=repaint,
        knobs=(
            solver_knob("ddpm", "Lugmayr et al. 2022, Algorithm 1"),
            Knob(
                "jump_length",
                "Jump length j",
                10,
                low=1,
                high=1000,
                soft=(1, 50),
                help="How many levels a jump goes back up, and how far apart the jumps are. There "
                "is none in a list of no more steps than that.",
                formula="x ← x + √(σ_up² − σ²) z,   j levels up",
                source="Lugmayr et al. 2022, section 4.2 and appendix",
            ),
            Knob(
                "resamplings",
                "Resamplings r",
                10,
                low=1,
                high=1000,
                soft=(1, 20),
                help="How often each stretch is gone over; 1 is no jump at all, which leaves the "
                "plain replacement. The paper uses 10 with 250 steps: 2410 evaluations.",
                formula="NFE = N + (r − 1) j ⌈(N − j) / j⌉",
                source="Lugmayr et al. 2022, section 4.2",
            ),
        ),
        stochastic=True,
        cost=_cost,
        memory=1,
        legs=legs,
        reach=inner_reach,
        serves=not_linear,
        latent=True,
        usual_steps=50,
        guide=(
            "Fills holes of any shape. Replacing what is known, as ScoreSDE does, leaves a filling "
            "that matches in colour but not in meaning; RePaint adds noise again and goes over the "
            "same levels once more, so that the filling is drawn again in the light of what stands "
            "around it.\n\n"
            "In practice: r is what costs, and what helps. 5 to 10 for large holes, 1 to 3 for "
            "thin ones. A jump length near a tenth of the steps or less works; longer jumps than "
            "steps do nothing. The paper takes 250 steps, j = 10, r = 10.\n\n"
            "Without noise on the measurement what is known is returned exactly. Other linear "
            "operators than masks are served by the same replacement.\n\n"
            "It fails by time: thousands of evaluations for one picture. Where the hole takes "
            "nearly all, the model simply samples, and any other method is cheaper."
        ),
    ),
)
