"""Churn: raise the noise a little before each step, so that the step can correct earlier errors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from studio.diffusion.curve import box_text, optional_curve
from studio.diffusion.knob import Knob

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.problem import Problem

S_NOISE = Knob(
    "s_noise",
    "S_noise",
    1.0,
    low=0.0,
    high=10.0,
    soft=(0.0, 1.1),
    step=0.001,
    help="The std of the fresh noise: slightly above 1 makes up for detail that a denoiser "
    "loses by removing too much (Karras et al. 2022, Algorithm 2).",
    formula=("x̂ = x + √(σ̂² − σ²) z,   z ~ N(0, S_noise² I)"),
    source=("Karras et al. 2022, Algorithm 2, lines 4 to 6"),
    group="Stochasticity",
)


def _band(s_churn: float, s_tmin: float, s_tmax: float) -> str:
    """Return the published band as a curve: s_churn where s_tmin <= sigma <= s_tmax, else 0."""
    below = math.nextafter(s_tmin, 0.0)  # a curve jumps below a level, and S_tmin is in the band
    return box_text(s_churn, below, s_tmax, 0.0)


CHURN_KNOBS = (
    Knob(
        "s_churn",
        "S_churn",
        0.0,
        low=0.0,
        soft=(0.0, 100.0),
        step=1.0,
        help="How much fresh noise all steps together add and remove: 0 samples the ODE, more "
        "corrects the errors of earlier steps (Karras et al. 2022, Algorithm 2).",
        formula=(
            "γ = min(S_churn / N, √2 − 1) where S_tmin ≤ σ ≤ S_tmax, else 0\n"
            "σ̂ = σ + γ σ\n"
            "x̂ = x + √(σ̂² − σ²) z,   z ~ N(0, S_noise² I)"
        ),
        source=("Karras et al. 2022, Algorithm 2, lines 4 to 6"),
        group="Stochasticity",
    ),
    Knob(
        "s_tmin",
        "S_tmin",
        0.0,
        low=0.0,
        soft=(0.0, 100.0),
        log=True,
        unit="σ",
        help="The lowest noise level at which churn acts (Karras et al. 2022, Algorithm 2).",
        formula=(
            "γ = min(S_churn / N, √2 − 1) where S_tmin ≤ σ ≤ S_tmax, else 0\n"
            "σ̂ = σ + γ σ\n"
            "x̂ = x + √(σ̂² − σ²) z,   z ~ N(0, S_noise² I)"
        ),
        source=("Karras et al. 2022, Algorithm 2, lines 4 to 6"),
        group="Stochasticity",
    ),
    Knob(
        "s_tmax",
        "S_tmax",
        math.inf,
        low=0.0,
        soft=(0.0, 100.0),
        log=True,
        unit="σ",
        help="The highest noise level at which churn acts (Karras et al. 2022, Algorithm 2).",
        formula=(
            "γ = min(S_churn / N, √2 − 1) where S_tmin ≤ σ ≤ S_tmax, else 0\n"
            "σ̂ = σ + γ σ\n"
            "x̂ = x + √(σ̂² − σ²) z,   z ~ N(0, S_noise² I)"
        ),
        source=("Karras et al. 2022, Algorithm 2, lines 4 to 6"),
        group="Stochasticity",
    ),
    Knob(
        "churn_curve",
        "Churn(σ)",
        "",
        parse=optional_curve,
        curve=True,
        replaces=("s_churn", "s_tmin", "s_tmax"),
        unset=_band,
        soft=(0.0, 100.0),
        help="S_churn as a curve over σ, such as “80: 0, 10: 40, 0.05: 0”, instead of one strength "
        "between S_tmin and S_tmax; empty for those. Draw it in the σ plot.",
        formula="γ = min(S_churn(σ) / N, √2 − 1)\nσ̂ = σ + γ σ",
        source="Karras et al. 2022, Algorithm 2, lines 4 to 6, with a strength for each σ",
        group="Stochasticity",
    ),
    S_NOISE,
)


def churn(
    at: Problem,
    *,
    s_churn: float,
    s_tmin: float,
    s_tmax: float,
    s_noise: float,
    churn_curve: str = "",
) -> tuple[Tensor, float]:
    """Return x_hat: (B, ...) and sigma_hat (Karras et al. 2022, Algorithm 2, lines 4 to 6).

    A curve gives S_churn at the level of the step, in the place of one that holds in a band.
    """
    drawn = optional_curve(churn_curve)
    if s_churn == 0 if drawn is None else not any(drawn.values):
        return at.x, at.sigma
    inside = s_churn if s_tmin <= at.sigma <= s_tmax else 0.0
    strength = inside if drawn is None else drawn(at.sigma)
    gamma = min(strength / len(at.legs), math.sqrt(2) - 1)
    sigma_hat = at.sigma + gamma * at.sigma
    # Drawn even where gamma is 0, as the authors do: a stream of noise stays in step with theirs.
    noise = at.noise(at.sigma, sigma_hat)
    if gamma == 0:
        return at.x, at.sigma
    return at.x + noise * (math.sqrt(sigma_hat**2 - at.sigma**2) * s_noise), sigma_hat
