"""What JPEG does to a picture and leaves of it, but for the lossless coding."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

BLOCK = 8
_LUMA = """
16 11 10 16  24  40  51  61
12 12 14 19  26  58  60  55
14 13 16 24  40  57  69  56
14 17 22 29  51  87  80  62
18 22 37 56  68 109 103  77
24 35 55 64  81 104 113  92
49 64 78 87 103 121 120 101
72 92 95 98 112 100 103  99
"""
_CHROMA = """
17 18 24 47 99 99 99 99
18 21 26 66 99 99 99 99
24 26 56 99 99 99 99 99
47 66 99 99 99 99 99 99
99 99 99 99 99 99 99 99
99 99 99 99 99 99 99 99
99 99 99 99 99 99 99 99
99 99 99 99 99 99 99 99
"""
_YCBCR = (
    (0.299, 0.587, 0.114),
    (-0.168735892, -0.331264108, 0.5),
    (0.5, -0.418687589, -0.081312411),
)


@cache
def table(quality: int, *, chroma: bool) -> NDArray[np.float64]:
    """Return the quantisation table (8, 8) of ITU-T T.81, annex K, as libjpeg scales it."""
    base = np.array((_CHROMA if chroma else _LUMA).split(), np.float64).reshape(BLOCK, BLOCK)
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip(np.floor((base * scale + 50) / 100), 1, 255)


@cache
def cosines() -> NDArray[np.float64]:
    """Return the orthonormal DCT-II of 8 values: (8, 8)."""
    k, n = np.mgrid[:BLOCK, :BLOCK]
    rows = np.cos(np.pi * (2 * n + 1) * k / (2 * BLOCK)) / 2
    rows[0] /= np.sqrt(2)
    matrix: NDArray[np.float64] = rows
    return matrix


def like(values: NDArray[np.float64], x: Tensor) -> Tensor:
    """Return an array in the dtype and on the device of x."""
    import torch

    return torch.from_numpy(values).to(dtype=x.dtype, device=x.device)


def to_ycbcr(x: Tensor) -> Tensor:
    """Return luma and two chromas of x: (B, 3, H, W) RGB, by JFIF's weights."""
    return _mixed(np.array(_YCBCR), x)


def to_rgb(x: Tensor) -> Tensor:
    """Return red, green and blue of x: (B, 3, H, W) in luma and chromas."""
    return _mixed(np.linalg.inv(np.array(_YCBCR)), x)


def _mixed(matrix: NDArray[np.float64], x: Tensor) -> Tensor:
    return (like(matrix, x) @ x.flatten(2)).reshape(x.shape)


def padded(x: Tensor, multiple: int) -> Tensor:
    """Return x: (B, C, H, W) with its last row and column repeated up to a multiple of pixels."""
    from torch.nn.functional import pad

    height, width = x.shape[2:]
    return pad(x, (0, -width % multiple, 0, -height % multiple), mode="replicate")


def halved(x: Tensor) -> Tensor:
    """Return the means of 2 x 2 pixels of x: (B, C, H, W)."""
    from torch.nn.functional import avg_pool2d

    return avg_pool2d(x, 2)


def doubled(x: Tensor) -> Tensor:
    """Return x: (B, C, H, W) with each pixel repeated 2 x 2 times."""
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


def quantised(x: Tensor, steps: NDArray[np.float64], shift: float = 0.0) -> Tensor:
    """Return x: (B, C, H, W), sides multiples of 8, with the cosines of each block rounded.

    steps: (8, 8), in the units of an 8-bit picture, of which x holds 1/127.5; shift: what is added
    to x in these units before.
    """
    count, channels, height, width = x.shape
    dct, step = like(cosines(), x), like(steps, x)
    blocks = x.reshape(count, channels, height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    blocks = blocks.transpose(3, 4) * 127.5 + shift
    blocks = dct.mT @ (((dct @ blocks @ dct.mT) / step).round() * step) @ dct
    return ((blocks - shift) / 127.5).transpose(3, 4).reshape(x.shape)
