"""SDEdit: image to image by adding noise up to a level and sampling from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion.inverse.inner import inner_reach, inner_step, solver_knob
from studio.diffusion.inverse.late import begun, late_inner_cost, late_knobs, late_legs
from studio.diffusion.inverse.residual import served
from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def sdedit(at: Problem, *, solver: str, **_start: Value) -> Step:
    """Take one step of the sampler (Meng et al. 2022, Algorithm 1)."""
    return inner_step(at, solver)


SPECS = (
    Spec(
        id="sdedit",
        label="SDEdit",
        family="Image to image",
        source="Meng et al. 2022, Algorithm 1",
        help="Adds noise to a picture up to a level, then samples from there: what is larger than "
        "the noise stays, the rest is drawn anew. It looks at the picture once, at the start.",
        formula="start:  x = H⁺y + σ_start z,   then the sampler alone",
        run=sdedit,
        knobs=(
            solver_knob(
                "ddpm",
                "Meng et al. 2022, Algorithm 2 (VP); Algorithm 1 (VE) is Euler-Maruyama, which "
                "wants hundreds of steps",
            ),
            *late_knobs(0.5, "Meng et al. 2022, section 3 (t₀)"),
        ),
        stochastic=True,
        cost=late_inner_cost,
        legs=late_legs,
        reach=inner_reach,
        begin=begun,
        serves=served,
        latent=True,
        usual_steps=50,
        guide=(
            "Changes a picture into one that the model believes in: a sketch of strokes into a "
            "painting, a photograph into the style of the training data, a noisy picture into a "
            "clean one. What is brought in is the pseudo-inverse of the measurement, so a "
            "degraded picture works too.\n\n"
            "In practice: the strength decides between faithful (low) and believable (high). The "
            "paper finds t₀ of 0.3 to 0.6 best. With EDM's schedule 0.5 begins at σ = 2.5, and "
            "0.75 at 15, where nothing of a small picture is left; with the schedules of latent "
            "models, which begin lower, 0.75 is usual. To name the level itself, and have the same "
            "in every schedule, use “Start at σ”.\n\n"
            "For denoising, start at σ₀ of the measurement: nothing is added then, as the picture "
            "has just the noise that the model expects.\n\n"
            "It does not promise to agree with the measurement: it is looked at only once. It "
            "fails with holes, whose grey is kept at low strength, and forgets all at high "
            "strength; take RePaint or ΠGDM for those."
        ),
    ),
)
