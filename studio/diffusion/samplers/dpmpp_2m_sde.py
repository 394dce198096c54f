"""DPM-Solver++(2M) for the reverse SDE."""

from __future__ import annotations

from math import exp, expm1, log, sqrt
from typing import TYPE_CHECKING

from studio.diffusion.ancestral import ETA_KNOBS
from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec
from studio.diffusion.step import Step, rms

if TYPE_CHECKING:
    from studio.diffusion.problem import Problem


def dpmpp_2m_sde(at: Problem, *, eta: float, s_noise: float, solver_type: str) -> Step:
    """Take one step over H = h (1 + eta) (Lu et al. 2022b; k-diffusion, sample_dpmpp_2m_sde)."""
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    h = log(at.sigma / at.sigma_next)
    span = h * (1 + eta)
    x, error = denoised.lerp(at.x, exp(-span)), None
    if at.history:
        before = at.history[-1]
        q = log(before.sigma / at.sigma) / h
        weight = -expm1(-span) / 2 if solver_type == "midpoint" else 1 + expm1(-span) / span
        correction = (denoised - before.denoised) * (weight / q)
        x, error = x + correction, rms(correction)
    if eta > 0:
        spread = at.sigma_next * sqrt(-expm1(-2 * eta * h)) * s_noise
        x = x + at.noise(at.sigma, at.sigma_next) * spread
    return at.step(x, denoised, error=error)


SPECS = (
    Spec(
        id="dpmpp_2m_sde",
        label="DPM++ 2M SDE",
        family="SDE",
        source="Lu et al. 2022b (DPM-Solver++); k-diffusion, sample_dpmpp_2m_sde",
        help="DPM++ 2M with fresh noise in every step: one evaluation a step. With η 0 it is "
        "DPM++ 2M. At 0 it returns the estimate.",
        formula=(
            "H = h (1 + η),   h = ln(σ / σ′),   q = h₋₁ / h\n"
            "x′ = e⁻ᴴ x + (1 − e⁻ᴴ) (D + (D − D₋₁) / (2q)) + σ′ √(1 − e^(−2ηh)) z"
        ),
        run=dpmpp_2m_sde,
        knobs=(
            *ETA_KNOBS,
            Knob(
                "solver_type",
                "Correction",
                "midpoint",
                choices=(("midpoint", "Midpoint"), ("heun", "Heun")),
                help="How the change of the estimate since the step before is weighed "
                "(k-diffusion, sample_dpmpp_2m_sde).",
                formula=(
                    "H = h (1 + η),   h = ln(σ / σ′),   q = h₋₁ / h\n"
                    "midpoint: x′ += ½ (1 − e⁻ᴴ) (D − D₋₁) / q\n"
                    "Heun:     x′ += (1 − (1 − e⁻ᴴ) / H) (D − D₋₁) / q"
                ),
                source=("k-diffusion, sample_dpmpp_2m_sde; Lu et al. 2022b"),
            ),
        ),
        stochastic=True,
        memory=1,
    ),
)
