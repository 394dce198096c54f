"""The sub-VP path of Song et al. 2021."""

from __future__ import annotations

import math

from studio.diffusion.paths import BETA_D, BETA_MIN
from studio.diffusion.preconditioning.factors import Level, Preconditioning, one


def precondition_subvp(
    sigma: Level, m: int = 1000, beta_d: float = BETA_D, beta_min: float = BETA_MIN
) -> Preconditioning[Level]:
    """Return the factors of a network that predicts the noise along the sub-VP path (Eq. 29).

    There x = alpha (data) + (1 - alpha^2) (noise), so sigma = (1 - alpha^2) / alpha and
    c_in = alpha = (sqrt(sigma^2 + 4) - sigma) / 2. c_noise is M - 1 times the time. `sigma` is of
    at least 0: a number or a tensor, which the factors are too, of the same shape.
    """
    # Each form where it adds numbers of one sign, so that no digit cancels.
    if isinstance(sigma, (float, int)):
        alpha = 2 / (math.sqrt(sigma**2 + 4) + sigma)
        growth = 2 * math.asinh(sigma / 2)
        root = math.sqrt(beta_min**2 + 2 * beta_d * growth)
    else:
        alpha = 2 / ((sigma**2 + 4).sqrt() + sigma)
        growth = 2 * (sigma / 2).asinh()
        root = (beta_min**2 + 2 * beta_d * growth).sqrt()
    time = 2 * growth / (root + beta_min)
    return Preconditioning(one(sigma), -sigma * one(sigma), alpha, (m - 1) * time)
