"""DPM-Solver++(3M) for the reverse SDE, as published and put right."""

from __future__ import annotations

from math import exp, expm1, log, sqrt
from typing import TYPE_CHECKING

from studio.diffusion.ancestral import ETA_KNOBS
from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec
from studio.diffusion.step import Step, rms

if TYPE_CHECKING:
    from studio.diffusion.problem import Problem


def dpmpp_3m_sde(at: Problem, *, eta: float, s_noise: float, corrected: bool) -> Step:
    """Fit D by a parabola through three estimates and step over H = h (1 + eta).

    With e^-u as the kernel, D = D0 + D1 u + D2 u^2 gives phi_2 D1 - phi_3 D2 where the published
    code has phi_3 and the integral of u^2 is 2 phi_3 (k-diffusion, sample_dpmpp_3m_sde).
    """
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    h = log(at.sigma / at.sigma_next)
    span = h * (1 + eta)
    x, error = denoised.lerp(at.x, exp(-span)), None
    phi_2 = expm1(-span) / span + 1
    if at.history:
        last = at.history[-1]
        r_0 = log(last.sigma / at.sigma) / h
        slope = (denoised - last.denoised) / r_0
        if len(at.history) == 1:
            change = slope * phi_2
            error = rms(change)
        else:
            older = at.history[-2]
            r_1 = log(older.sigma / last.sigma) / h
            bend = (slope - (last.denoised - older.denoised) / r_1) / (r_0 + r_1)
            phi_3 = (phi_2 / span - 0.5) * (2 if corrected else 1)
            second = bend * (r_0 * phi_2 - phi_3)
            change = slope * phi_2 + second
            error = rms(second)
        x = x + change
    if eta > 0:
        spread = at.sigma_next * sqrt(-expm1(-2 * eta * h)) * s_noise
        x = x + at.noise(at.sigma, at.sigma_next) * spread
    return at.step(x, denoised, error=error)


SPECS = (
    Spec(
        id="dpmpp_3m_sde",
        label="DPM++ 3M SDE",
        family="SDE",
        source="k-diffusion, sample_dpmpp_3m_sde; Lu et al. 2022b (DPM-Solver++)",
        help="Fits a parabola through three estimates, with fresh noise in every step: one "
        "evaluation a step. At 0 it returns the estimate.",
        formula=(
            "H = h (1 + η),   h = ln(σ / σ′)\n"
            "x′ = e⁻ᴴ x + (1 − e⁻ᴴ) D + φ₂(H) D₁ − φ₃(H) D₂ + σ′ √(1 − e^(−2ηh)) z"
        ),
        run=dpmpp_3m_sde,
        knobs=(
            *ETA_KNOBS,
            Knob(
                "corrected",
                "Corrected",
                False,
                help="The published code weighs the curvature by half of its integral, which "
                "leaves second order; corrected, the method has its third with η 0.",
                formula=(
                    "φ₂ = (e⁻ᴴ − 1) / H + 1,   φ₃ = φ₂ / H − ½\n"
                    "∫ of u²: φ₃ as published, 2 φ₃ corrected"
                ),
                source=("k-diffusion, sample_dpmpp_3m_sde"),
            ),
        ),
        stochastic=True,
        memory=2,
    ),
)
