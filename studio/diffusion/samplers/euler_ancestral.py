"""Euler steps with fresh noise: Euler a, DDIM and DDPM are one method."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from studio.diffusion.ancestral import ETA_KNOBS, ancestral
from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def euler_ancestral(at: Problem, *, eta: float, s_noise: float) -> Step:
    """Take one Euler step to sigma_down and add noise (Song et al. 2021, DDIM, Eq. 12)."""
    denoised = at.denoise(at.x, at.sigma)
    down, up = ancestral(at.sigma, at.sigma_next, eta)
    x = denoised.lerp(at.x, down / at.sigma)
    if up > 0:
        x = x + at.noise(at.sigma, at.sigma_next) * (up * s_noise)
    return at.step(x, denoised)


_ETA, _S_NOISE = ETA_KNOBS

SPECS = (
    Spec(
        id="euler_ancestral",
        label="Euler a",
        family="Ancestral",
        source="k-diffusion, sample_euler_ancestral; Song et al. 2021 (DDIM), Eq. 12",
        help="Euler steps with fresh noise after each: one evaluation a step. At 0 it returns the "
        "estimate, without noise.",
        formula=(
            "x′ = x + (σ_down − σ) d + σ_up z\n"
            "σ_up = η σ′ √(1 − σ′² / σ²),   σ_down = √(σ′² − σ_up²)"
        ),
        run=euler_ancestral,
        knobs=ETA_KNOBS,
        stochastic=True,
    ),
    Spec(
        id="ddim",
        label="DDIM",
        family="Ancestral",
        source="Song et al. 2021 (DDIM), Eq. 12",
        help="The same steps with η 0, which are Euler's: first order, no noise unless η is "
        "raised. At 0 it returns the estimate.",
        formula=(
            "x′ = x + (σ_down − σ) d + σ_up z\n"
            "σ_up = η σ′ √(1 − σ′² / σ²),   σ_down = √(σ′² − σ_up²)"
        ),
        run=euler_ancestral,
        knobs=(_ETA.with_default(0.0), _S_NOISE),
        order=1,
    ),
    Spec(
        id="ddpm",
        label="DDPM",
        family="Ancestral",
        source="Ho et al. 2020, Algorithm 2",
        help="Ancestral sampling of DDPM: the same steps with η 1. At 0 it returns the estimate.",
        formula=("x′ = x + (σ_down − σ) d + σ_up z\nσ_up = σ′ √(1 − σ′² / σ²),   σ_down = σ′² / σ"),
        run=partial(euler_ancestral, eta=1.0),
        knobs=(_S_NOISE,),
        stochastic=True,
    ),
)
