"""The four preconditionings of Karras et al. 2022, Table 1."""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import lru_cache
from itertools import pairwise

from studio.diffusion.paths import BETA_D, BETA_MIN
from studio.diffusion.preconditioning.factors import Level, Preconditioning, of_noise, one
from studio.diffusion.schedules.iddpm import trained_levels


def precondition(sigma: Level, sigma_data: float = 0.5) -> Preconditioning[Level]:
    """Return EDM's factors (Karras et al. 2022, Eq. 7 and Table 1).

    `sigma` is above 0: a number or a tensor, which the factors are too, of the same shape.
    `sigma_data` is the std of the data.
    """
    variance = sigma**2 + sigma_data**2
    if isinstance(variance, float):
        deviation, log = math.sqrt(variance), math.log(sigma)
    else:
        deviation, log = variance.sqrt(), sigma.log()
    return Preconditioning(
        c_skip=sigma_data**2 / variance,
        c_out=sigma * sigma_data / deviation,
        c_in=1 / deviation,
        c_noise=log / 4,
    )


def precondition_vp(
    sigma: Level, m: int = 1000, beta_d: float = BETA_D, beta_min: float = BETA_MIN
) -> Preconditioning[Level]:
    """Return the factors of a network that predicts the noise along the VP path (Table 1).

    c_noise is M - 1 times the time at which the path of `beta_d` and `beta_min` has the level
    `sigma`: of at least 0, a number or a tensor, which the factors are too, of the same shape.
    """
    if isinstance(sigma, (float, int)):
        growth = math.log1p(sigma**2)
        root = math.sqrt(beta_min**2 + 2 * beta_d * growth)
    else:
        growth = (sigma**2).log1p()
        root = (beta_min**2 + 2 * beta_d * growth).sqrt()
    # The inverse of the path in the form in which no digit cancels.
    return of_noise(sigma, (m - 1) * 2 * growth / (root + beta_min))


def precondition_ve(sigma: Level, unit: float = 2.0) -> Preconditioning[Level]:
    """Return the factors of a network that predicts -noise from what it sees as it is (Table 1).

    `sigma` is above 0: a number or a tensor, which the factors are too, of the same shape. `unit`
    is the noise level that the network calls 1: 2 where it was trained on data in [0, 1], of which
    that in [-1, 1] is twice as wide.
    """
    shape = one(sigma)
    log = math.log(sigma / unit) if isinstance(sigma, (float, int)) else (sigma / unit).log()
    return Preconditioning(c_skip=shape, c_out=sigma * shape, c_in=shape, c_noise=log)


def precondition_iddpm(
    sigma: Level, m: int = 1000, c_1: float = 0.001, c_2: float = 0.008
) -> Preconditioning[Level]:
    """Return the factors of a network that predicts the noise at one of `m` levels (Table 1).

    c_noise is M - 1 - j with u_j the trained level nearest to `sigma`, the higher of two that are
    as near: 0 at the lowest, M - 1 at the highest. `sigma` is of at least 0: a number or a tensor,
    which the factors are too, of the same shape; `c_1` and `c_2` are those of the schedule.
    """
    middles = _middles(m, c_1, c_2)
    if isinstance(sigma, (float, int)):
        return of_noise(sigma, float(bisect_right(middles, sigma)))
    import torch

    places = torch.bucketize(sigma, sigma.new_tensor(middles), right=True)
    return of_noise(sigma, places.to(sigma.dtype))


@lru_cache(maxsize=8)
def _middles(m: int, c_1: float, c_2: float) -> tuple[float, ...]:
    """Return the rising levels at which the nearest of the trained ones is another."""
    return tuple((a + b) / 2 for a, b in pairwise(reversed(trained_levels(c_1, c_2, m))))
