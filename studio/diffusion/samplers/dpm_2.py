"""DPM-Solver-2: the midpoint method in ln sigma."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

from studio.diffusion.ancestral import ETA_KNOBS, ancestral
from studio.diffusion.churn import CHURN_KNOBS, churn
from studio.diffusion.spec import Spec, far_down, two_but_last
from studio.diffusion.step import Step, rms

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.problem import Problem


def dpm_2(at: Problem, **stochasticity: Any) -> Step:
    """Take the slope in the middle of the step for the whole (Lu et al. 2022a, Algorithm 1)."""
    x, sigma = churn(at, **stochasticity)
    denoised = at.denoise(x, sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    x, correction = _midpoint(at, x, denoised, sigma, at.sigma_next)
    return at.step(x, denoised, error=rms(correction))


def dpm_2_ancestral(at: Problem, *, eta: float, s_noise: float) -> Step:
    """Take the step to sigma_down and add noise (k-diffusion, sample_dpm_2_ancestral)."""
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    down, up = ancestral(at.sigma, at.sigma_next, eta)
    x, error = denoised, None
    if down > 0:  # else all of the step is noise
        x, correction = _midpoint(at, at.x, denoised, at.sigma, down)
        error = rms(correction)
    if up > 0:
        x = x + at.noise(at.sigma, at.sigma_next) * (up * s_noise)
    return at.step(x, denoised, error=error)


def _midpoint(
    at: Problem, x: Tensor, denoised: Tensor, sigma: float, sigma_next: float
) -> tuple[Tensor, Tensor]:
    """Return the state at `sigma_next`, and what the slope in the middle changed in it."""
    sigma_mid = sqrt(sigma * sigma_next)
    middle = denoised.lerp(x, sigma_mid / sigma)
    slope_mid = (middle - at.denoise(middle, sigma_mid)) / sigma_mid
    correction = (slope_mid - (x - denoised) / sigma) * (sigma_next - sigma)
    return denoised.lerp(x, sigma_next / sigma) + correction, correction


SPECS = (
    Spec(
        id="dpm_2",
        label="DPM2",
        family="One-step",
        source="Lu et al. 2022a (DPM-Solver), Algorithm 1; Karras et al. 2022, Algorithm 2",
        help="Takes the slope in the middle of the step, in ln σ, for the whole: two evaluations a "
        "step, second order. At 0 it returns the estimate.",
        formula=("σₘ = √(σ σ′),   xₘ = x + (σₘ − σ) d\nx′ = x + (σ′ − σ) (xₘ − D(xₘ; σₘ)) / σₘ"),
        run=dpm_2,
        knobs=CHURN_KNOBS,
        order=2,
        cost=two_but_last,
    ),
    Spec(
        id="dpm_2_ancestral",
        label="DPM2 a",
        family="Ancestral",
        source="k-diffusion, sample_dpm_2_ancestral",
        help="DPM2 with fresh noise after each step: two evaluations a step. With η 0 it is DPM2. "
        "At 0 it returns the estimate.",
        formula=(
            "DPM2 from σ to σ_down, then x′ ← x′ + σ_up z\n"
            "σ_up = η σ′ √(1 − σ′² / σ²),   σ_down = √(σ′² − σ_up²)"
        ),
        run=dpm_2_ancestral,
        reach=far_down,
        knobs=ETA_KNOBS,
        stochastic=True,
        cost=two_but_last,
    ),
)
