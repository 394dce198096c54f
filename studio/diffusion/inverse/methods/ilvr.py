"""ILVR: refine the coarse part of every state by that of the measurement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from studio.diffusion.inverse.inner import inner_cost, inner_reach, inner_step, solver_knob
from studio.diffusion.inverse.replacement import not_linear, projected
from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def ilvr(at: Problem, *, solver: str, until: float) -> Step:
    """Take a step, then exchange what the measurement shows of it (Choi et al. 2021, Alg. 1).

    The measurement gets the noise of the level that the step leads to, as in the paper; the
    authors' code adds that of the level before.
    """
    step = inner_step(at, solver)
    if at.sigma_next < until:
        return step
    assert at.given is not None
    noise = at.noise(at.sigma_next, at.sigma_next)
    return replace(step, x=projected(at.given, step.x, noise, at.sigma_next))


SPECS = (
    Spec(
        id="ilvr",
        label="ILVR",
        family="Projection",
        source="Choi et al. 2021, Algorithm 1",
        help="After each step the coarse part φ of the state is exchanged for that of the "
        "measurement with noise. Meant for few pixels made many, or for variations on a theme.",
        formula=(
            "x ← x′ − φ(x′) + φ(y + σ′ z)   while σ′ ≥ σ_until\nφ = H⁺H:  down, then up again"
        ),
        run=ilvr,
        knobs=(
            solver_knob("ddpm", "Choi et al. 2021, Algorithm 1"),
            Knob(
                "until",
                "Until σ",
                0.0,
                low=0.0,
                soft=(0.0, 20.0),
                unit="σ",
                help="Below this noise level the sampler goes on alone: 0 conditions all steps, "
                "which is the paper's default; a few tenths let fine detail depart from the "
                "measurement.",
                formula="φ is exchanged while σ′ ≥ σ_until",
                source="Choi et al. 2021, section 3.3 (conditioning range)",
            ),
        ),
        stochastic=True,
        cost=inner_cost,
        reach=inner_reach,
        serves=not_linear,
        latent=True,
        usual_steps=100,
        guide=(
            "Makes a picture whose coarse part is that of the measurement. With ×4 "
            "super-resolution it enlarges; with ×16 or ×32 only the colours and the composition "
            "of the reference remain, and every seed gives another picture of the same kind.\n\n"
            "In practice: the factor of the operator decides how much is kept. “Until σ” says "
            "when the sampler is let go: 0 keeps the result faithful to the last step, a larger "
            "value gives cleaner detail that agrees less. 50 to 250 steps of DDPM are usual.\n\n"
            "The paper's filter shrinks and enlarges bicubically. Here it is H⁺H, an exact "
            "projection, so that without noise the result measures as the reference does, and any "
            "other linear operator can take the place of the low-pass.\n\n"
            "It fails where the measurement is noisy and has small singular values (strong blur): "
            "with σ₀ = 0 their noise is taken for picture. Say σ₀ as it is, or use DDRM or "
            "DiffPIR."
        ),
    ),
)
