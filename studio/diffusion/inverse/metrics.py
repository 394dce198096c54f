"""How near a restored picture is to its original, for values in [-1, 1]."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

_RANGE = 2.0
_MOST_DB = 100.0
_WINDOW, _WIDTH = 11, 1.5
_K1, _K2 = 0.01, 0.03


def psnr(x: Tensor, original: Tensor) -> Tensor:
    """Return the peak signal-to-noise ratio of each picture x: (B, C, H, W) in dB, shape (B,).

    original: (1 or B, C, H, W). It is at most 100 dB, which equal pictures have.
    """
    error = (x - original).square().flatten(1).mean(1)
    return (10 * (_RANGE**2 / error.clamp_min(1e-30)).log10()).clamp_max(_MOST_DB)


def ssim(x: Tensor, original: Tensor) -> Tensor:
    """Return the mean structural similarity of each picture x: (B, C, H, W), shape (B,).

    original: (1 or B, C, H, W). (Wang et al. 2004, with its Gaussian window of 11 x 11 and standard
    deviation 1.5, wherever it lies inside the picture.) In a picture of less than 11 pixels the
    window is the largest odd one that fits, and proportionally narrower.
    """
    import torch

    original = original.expand_as(x)
    mean, other = _blurred(x), _blurred(original)
    variance = _blurred(x * x) - mean * mean
    other_variance = _blurred(original * original) - other * other
    covariance = _blurred(x * original) - mean * other
    c1, c2 = (_K1 * _RANGE) ** 2, (_K2 * _RANGE) ** 2
    numerator = (2 * mean * other + c1) * (2 * covariance + c2)
    denominator = (mean.square() + other.square() + c1) * (variance + other_variance + c2)
    return torch.flatten(numerator / denominator, 1).mean(1)


def _blurred(x: Tensor) -> Tensor:
    """Return the local means under the window, where it lies inside: (B, C, h, w)."""
    import torch

    height, width = x.shape[2:]
    side = min(_WINDOW, height, width)
    side -= 1 - side % 2
    down, across = (torch.from_numpy(_means(size, side)).to(x) for size in (height, width))
    return down @ x @ across.mT


@lru_cache(maxsize=16)
def _means(size: int, side: int) -> NDArray[np.float64]:
    """Return the matrix (size - side + 1, size) of Gaussian means of `side` pixels in a line."""
    at = np.arange(side) - (side - 1) / 2
    line = np.exp(-0.5 * (at * _WINDOW / (side * _WIDTH)) ** 2)
    rows = np.arange(size - side + 1)
    matrix = np.zeros((len(rows), size))
    matrix[rows[:, None], rows[:, None] + np.arange(side)] = line / line.sum()
    return matrix
