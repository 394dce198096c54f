"""Preconditioning: how a network F becomes the denoiser D (Karras et al. 2022, Table 1)."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from studio.diffusion.paths import BETA_D, BETA_MIN
from studio.diffusion.schedules.iddpm import trained_levels

if TYPE_CHECKING:
    from torch import Tensor

Level = TypeVar("Level", float, "Tensor")


class Preconditioning(NamedTuple, Generic[Level]):
    """Hold the factors of D(x; sigma) = c_skip x + c_out F(c_in x; c_noise)."""

    c_skip: Level
    c_out: Level
    c_in: Level
    c_noise: Level


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
    return _of_noise(sigma, (m - 1) * 2 * growth / (root + beta_min))


def precondition_ve(sigma: Level) -> Preconditioning[Level]:
    """Return the factors of a network that predicts -noise from what it sees as it is (Table 1).

    `sigma` is above 0: a number or a tensor, which the factors are too, of the same shape.
    """
    one = _one(sigma)
    log = math.log(sigma / 2) if isinstance(sigma, (float, int)) else (sigma / 2).log()
    return Preconditioning(c_skip=one, c_out=sigma * one, c_in=one, c_noise=log)


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
        return _of_noise(sigma, float(bisect_right(middles, sigma)))
    import torch

    places = torch.bucketize(sigma, sigma.new_tensor(middles), right=True)
    return _of_noise(sigma, places.to(sigma.dtype))


PRECONDITIONINGS: Mapping[str, Callable[..., Preconditioning[Any]]] = {
    "edm": precondition,
    "vp": precondition_vp,
    "ve": precondition_ve,
    "iddpm": precondition_iddpm,
}
"""Every preconditioning by its id, a function of sigma and of knobs that have defaults."""


def _of_noise(sigma: Level, c_noise: Level) -> Preconditioning[Level]:
    """Return the factors of D = x - sigma F(x / sqrt(sigma^2 + 1)), where F is the noise."""
    one = _one(sigma)
    variance = sigma**2 + one
    deviation = math.sqrt(variance) if isinstance(variance, float) else variance.sqrt()
    return Preconditioning(c_skip=one, c_out=-sigma * one, c_in=1 / deviation, c_noise=c_noise)


def _one(sigma: Level) -> Level:
    return sigma * 0 + 1.0


@lru_cache(maxsize=8)
def _middles(m: int, c_1: float, c_2: float) -> tuple[float, ...]:
    """Return the rising levels at which the nearest of the trained ones is another."""
    return tuple((a + b) / 2 for a, b in pairwise(reversed(trained_levels(c_1, c_2, m))))
