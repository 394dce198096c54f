"""DPM-Solver++ as a multistep method of second order, without noise."""

from __future__ import annotations

from math import exp, expm1, log
from typing import TYPE_CHECKING

from studio.diffusion.spec import Spec
from studio.diffusion.step import Step, rms

if TYPE_CHECKING:
    from studio.diffusion.problem import Problem


def dpmpp_2m(at: Problem) -> Step:
    """Extrapolate D to the middle of the step (Lu et al. 2022b, Algorithm 2)."""
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    h = log(at.sigma / at.sigma_next)
    first = denoised.lerp(at.x, exp(-h))
    if not at.history:
        return at.step(first, denoised)
    before = at.history[-1]
    q = log(before.sigma / at.sigma) / h
    correction = (denoised - before.denoised) * (-expm1(-h) / (2 * q))
    return at.step(first + correction, denoised, error=rms(correction))


SPECS = (
    Spec(
        id="dpmpp_2m",
        label="DPM++ 2M",
        family="Exponential",
        source="Lu et al. 2022b (DPM-Solver++), Algorithm 2",
        help="Extrapolates the estimate from the step before: one evaluation a step, second order. "
        "At 0 it returns the estimate.",
        formula=(
            "h = ln(σ / σ′),   q = h₋₁ / h\nD̃ = D + (D − D₋₁) / (2q)\nx′ = (σ′/σ) x + (1 − e⁻ʰ) D̃"
        ),
        run=dpmpp_2m,
        order=2,
        memory=1,
    ),
)
