"""Matrices that make a line of pixels shorter or longer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_A = -0.5
"""The slope of Keys's cubic at 1, as Pillow has it."""


def _cubic(t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Keys's cubic (1981), which reaches from -2 to 2."""
    t = np.abs(t)
    near = ((_A + 2) * t - (_A + 3)) * t * t + 1
    far = (((t - 5) * t + 8) * t - 4) * _A
    return np.where(t < 1, near, np.where(t < 2, far, 0.0))


def _box(t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 in [-1/2, 1/2): every pixel belongs to one block."""
    return ((t >= -0.5) & (t < 0.5)).astype(np.float64)


def _resampled(
    size: int, to: int, ratio: float, kernel: Callable[..., NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return the matrix (to, size) of a kernel that is widened where pixels become fewer."""
    width = max(ratio, 1.0)
    centres = (np.arange(to) + 0.5) * ratio
    away = (np.arange(size) + 0.5 - centres[:, None]) / width
    weights = kernel(away)
    shares: NDArray[np.float64] = weights / weights.sum(1, keepdims=True)
    return shares


def smaller(size: int, factor: int) -> int:
    """Return how many pixels are left of `size`: size / factor, rounded up."""
    return math.ceil(size / factor)


def averaged(size: int, factor: int) -> NDArray[np.float64]:
    """Return the matrix of the means of blocks of `factor` pixels; the last may be smaller."""
    return _resampled(size, smaller(size, factor), factor, _box)


def bicubic(size: int, to: int, ratio: float | None = None) -> NDArray[np.float64]:
    """Return the matrix (to, size) of bicubic resampling, as Pillow does it (Keys 1981).

    ratio: old pixels per new one, where it is not size / to.
    """
    return _resampled(size, to, size / to if ratio is None else ratio, _cubic)
