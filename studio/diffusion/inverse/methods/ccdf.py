"""Come closer, diffuse faster: begin late, from the measurement, and project after each step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from studio.diffusion.inverse.inner import inner_reach, inner_step, solver_knob
from studio.diffusion.inverse.late import begun, late_inner_cost, late_knobs, late_legs
from studio.diffusion.inverse.replacement import not_linear, projected
from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def ccdf(at: Problem, *, solver: str, **_start: Value) -> Step:
    """Take a step of the late start and project (Chung et al. 2022 (CCDF), Algorithm 1)."""
    assert at.given is not None
    step = inner_step(at, solver)
    noise = at.noise(at.sigma_next, at.sigma_next)
    return replace(step, x=projected(at.given, step.x, noise, at.sigma_next))


SPECS = (
    Spec(
        id="ccdf",
        label="CCDF",
        family="Projection",
        source="Chung et al. 2022 (CCDF), Algorithm 1",
        help="Starts from a first guess with a little noise instead of from noise alone, so that "
        "few steps are left, and projects after each.",
        formula=("start:  x = H⁺y + σ_start z\nx ← x′ − H⁺H x′ + H⁺ (y + σ′ H z)"),
        run=ccdf,
        knobs=(
            solver_knob("ddpm", "Chung et al. 2022 (CCDF), section 3.2"),
            *late_knobs(0.4, "Chung et al. 2022 (CCDF), section 3.2 (t₀)"),
        ),
        stochastic=True,
        cost=late_inner_cost,
        legs=late_legs,
        reach=inner_reach,
        begin=begun,
        serves=not_linear,
        latent=True,
        usual_steps=50,
        guide=(
            "The same as ILVR, but faster: noise forgets the errors of a first guess "
            "sooner than it forgets the picture, so the way from pure noise can be left out. The "
            "first guess is the pseudo-inverse of the measurement.\n\n"
            "In practice: the strength is the one knob that matters. 0.2 to 0.4 for "
            "super-resolution and blur, 0.6 and more for holes, because the pseudo-inverse of a "
            "hole is grey and has to be forgotten. The paper begins at t₀ = 0.1 to 0.3 of the "
            "way of a VP model, which is σ of about 0.4 to 1.3.\n\n"
            "Without noise on the measurement the result agrees with it exactly, as for all that "
            "project.\n\n"
            "It fails where it begins too low: what the first guess has wrong (the grey of a "
            "hole, the rings of a deconvolution) stays. Where it begins at the top it is ILVR."
        ),
    ),
)
