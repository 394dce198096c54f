"""The factors that make a network F a denoiser D, and what several preconditionings share."""

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


def of_noise(sigma: Level, c_noise: Level) -> Preconditioning[Level]:
    """Return the factors of D = x - sigma F(x / sqrt(sigma^2 + 1)), where F is the noise."""
    return Preconditioning(one(sigma), -sigma * one(sigma), 1 / deviation(sigma), c_noise)


def deviation(sigma: Level) -> Level:
    """Return sqrt(sigma^2 + 1), the deviation of noisy data that has a deviation of 1."""
    variance = sigma**2 + one(sigma)
    return math.sqrt(variance) if isinstance(variance, float) else variance.sqrt()


def one(sigma: Level) -> Level:
    """Return 1 in the form of `sigma`."""
    return sigma * 0 + 1.0
