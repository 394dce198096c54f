"""Preconditioning: how a network F becomes the denoiser D."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

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
