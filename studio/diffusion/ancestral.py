"""Ancestral steps: go further down than the next level, and add fresh noise up to it."""

from math import sqrt

from studio.diffusion.churn import S_NOISE
from studio.diffusion.knob import Knob

ETA_KNOBS = (
    Knob(
        "eta",
        "η",
        1.0,
        low=0.0,
        high=2.0,
        soft=(0.0, 1.0),
        step=0.05,
        help="How much of each step is fresh noise: 0 none, which leaves the ODE, 1 as much as in "
        "DDPM (Song et al. 2021, DDIM, Eq. 16).",
        formula=(
            "σ_up = η σ′ √(1 − σ′² / σ²),   at most σ′\n"
            "σ_down = √(σ′² − σ_up²)\n"
            "x′ = x + (σ_down − σ) d + σ_up S_noise z,   d = (x − D(x; σ)) / σ"
        ),
        source=(
            "Song et al. 2021 (DDIM), Eq. 16, in the coordinates of EDM; k-diffusion, "
            "get_ancestral_step"
        ),
        group="Stochasticity",
    ),
    S_NOISE,
)


def ancestral(
    sigma: float, sigma_next: float, eta: float, lowest: float = 0.0
) -> tuple[float, float]:
    """Return (sigma_down, sigma_up) with sigma_down^2 + sigma_up^2 = sigma_next^2.

    sigma_up is eta times that of DDPM's posterior, and at most sigma_next (k-diffusion,
    get_ancestral_step; Song et al. 2021, Eq. 16, in EDM coordinates). sigma_down is not below
    `lowest`.
    """
    # On the way up, which is open to eta = 0 alone, there is no room for noise.
    up = min(sigma_next, eta * sigma_next * sqrt(max(0.0, 1 - (sigma_next / sigma) ** 2)))
    down = sqrt(sigma_next**2 - up**2)
    return (down, up) if down >= lowest else (lowest, sqrt(sigma_next**2 - lowest**2))
