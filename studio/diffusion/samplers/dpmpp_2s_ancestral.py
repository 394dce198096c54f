"""DPM-Solver++(2S) with ancestral noise."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from studio.diffusion.ancestral import ETA_KNOBS, ancestral
from studio.diffusion.spec import Spec, far_down, two_but_last
from studio.diffusion.step import Step, rms

if TYPE_CHECKING:
    from studio.diffusion.problem import Problem


def dpmpp_2s_ancestral(at: Problem, *, eta: float, s_noise: float) -> Step:
    """Look at D in the middle of the step, in ln sigma (Lu et al. 2022b, Algorithm 1)."""
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    down, up = ancestral(at.sigma, at.sigma_next, eta)
    if down == 0:  # all of the step is noise: there is no way to look at the middle of
        x, error = denoised, None
    else:
        r = down / at.sigma
        denoised_mid = at.denoise(denoised.lerp(at.x, sqrt(r)), at.sigma * sqrt(r))
        correction = (denoised_mid - denoised) * (1 - r)
        x, error = denoised.lerp(at.x, r) + correction, rms(correction)
    if up > 0:
        x = x + at.noise(at.sigma, at.sigma_next) * (up * s_noise)
    return at.step(x, denoised, error=error)


SPECS = (
    Spec(
        id="dpmpp_2s_ancestral",
        label="DPM++ 2S a",
        family="Ancestral",
        source="Lu et al. 2022b (DPM-Solver++), Algorithm 1; k-diffusion, "
        "sample_dpmpp_2s_ancestral",
        help="A look at the middle of each step, then fresh noise: two evaluations a step. With η "
        "0 it is of second order. At 0 it returns the estimate.",
        formula=(
            "r = σ_down / σ,   xₘ = √r x + (1 − √r) D\nx′ = r x + (1 − r) D(xₘ; √r σ) + σ_up z"
        ),
        run=dpmpp_2s_ancestral,
        reach=far_down,
        knobs=ETA_KNOBS,
        stochastic=True,
        cost=two_but_last,
    ),
)
