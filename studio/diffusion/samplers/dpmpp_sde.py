"""DPM-Solver++ for the reverse SDE, with two evaluations a step."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from studio.diffusion.ancestral import ETA_KNOBS, ancestral
from studio.diffusion.spec import Spec, two_but_last
from studio.diffusion.step import Step, rms

if TYPE_CHECKING:
    from studio.diffusion.problem import Problem


def dpmpp_sde(at: Problem, *, eta: float, s_noise: float) -> Step:
    """Go to the middle in ln sigma with noise, and take the step with what is seen there.

    Lu et al. 2022b; k-diffusion, sample_dpmpp_sde with r = 1/2, its draws in its order.
    """
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    sigma_mid = sqrt(at.sigma * at.sigma_next)
    down, up = ancestral(at.sigma, sigma_mid, eta)
    middle = denoised.lerp(at.x, down / at.sigma)
    if up > 0:
        middle = middle + at.noise(at.sigma, sigma_mid) * (up * s_noise)
    denoised_mid = at.denoise(middle, sigma_mid)
    down, up = ancestral(at.sigma, at.sigma_next, eta)
    x = denoised_mid.lerp(at.x, down / at.sigma)
    if up > 0:
        x = x + at.noise(at.sigma, at.sigma_next) * (up * s_noise)
    error = rms((denoised_mid - denoised) * (1 - down / at.sigma))
    return at.step(x, denoised, error=error)


SPECS = (
    Spec(
        id="dpmpp_sde",
        label="DPM++ SDE",
        family="SDE",
        source="Lu et al. 2022b (DPM-Solver++); k-diffusion, sample_dpmpp_sde",
        help="A noisy look at the middle of each step, then the step with fresh noise: two "
        "evaluations a step. At 0 it returns the estimate.",
        formula=(
            "σₘ = √(σ σ′),   xₘ: an ancestral step from σ to σₘ\n"
            "r = σ_down / σ,   x′ = r x + (1 − r) D(xₘ; σₘ) + σ_up z"
        ),
        run=dpmpp_sde,
        knobs=ETA_KNOBS,
        stochastic=True,
        cost=two_but_last,
    ),
)
