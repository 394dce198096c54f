"""Kernels of blur: what one point of light becomes. They sum to 1."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import Tensor

_REACH = 3.0
"""How many standard deviations of a Gaussian are kept on either side."""
_FINE = 8
"""Samples per pixel and direction of a streak."""


def uniform(size: int) -> NDArray[np.float64]:
    """Return a box of `size` pixels: (size,)."""
    return np.full(size, 1 / size)


def gaussian(std: float) -> NDArray[np.float64]:
    """Return a Gaussian line of this standard deviation in pixels, cut at three of them."""
    reach = max(1, math.ceil(_REACH * std))
    return _normal(np.exp(-0.5 * (np.arange(-reach, reach + 1) / std) ** 2))


def anisotropic(along: float, across: float, angle: float) -> NDArray[np.float64]:
    """Return a Gaussian with two standard deviations in pixels: (n, n).

    angle: that of the first, in degrees from the horizontal, counter-clockwise.
    """
    reach = max(1, math.ceil(_REACH * max(along, across)))
    forth, left = _turned(reach, angle)
    return _normal(np.exp(-0.5 * ((forth / along) ** 2 + (left / across) ** 2)))


def motion(length: float, angle: float) -> NDArray[np.float64]:
    """Return the streak that a straight movement of `length` pixels leaves: (h, w), both odd.

    angle: in degrees from the horizontal, counter-clockwise. Each pixel has the share of the way
    that leads through it.
    """
    reach = math.ceil(length / 2) + 1
    count = max(2, math.ceil(length * _FINE**2))
    at = (np.arange(count) + 0.5) / count * length - length / 2
    turn = math.radians(angle)
    columns = np.rint(at * math.cos(turn)).astype(int) + reach
    rows = np.rint(-at * math.sin(turn)).astype(int) + reach
    streak = np.zeros((2 * reach + 1, 2 * reach + 1))
    np.add.at(streak, (rows, columns), 1.0)
    return _normal(_trimmed(streak))


def _trimmed(kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a kernel of odd sides without the empty rows and columns that lie around it."""
    for _ in range(2):
        middle = len(kernel) // 2
        away = int(np.abs(np.flatnonzero(kernel.any(1)) - middle).max())
        kernel = kernel[middle - away : middle + away + 1].T
    return kernel


def own(kernel: Tensor | None) -> NDArray[np.float64]:
    """Return a kernel that a person gave, (h, w), made to sum to 1.

    Raises:
        ValueError: there is none, it has no two dimensions, is not finite, or sums to 0 or less.
    """
    if kernel is None:
        raise ValueError("There is no kernel; give one, as a picture or a file of numbers.")
    values = np.asarray(kernel.detach().cpu().numpy(), np.float64)
    if values.ndim != 2 or not values.size:
        raise ValueError(f"The kernel has shape {values.shape}; give one of height and width.")
    if not np.isfinite(values).all():
        raise ValueError("The kernel holds NaN or infinity; give finite values.")
    total = values.sum()
    if total <= 1e-9 * np.abs(values).sum():
        raise ValueError(
            f"The kernel sums to {total:.3g}, so it cannot keep the brightness of a picture; "
            "give one with a positive sum."
        )
    scaled: NDArray[np.float64] = values / total
    return scaled


def fitting(kernel: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    """Return the kernel, (h, w), if it is no larger than a picture.

    Raises:
        ValueError: it is larger; the message says what would fit.
    """
    rows, columns = kernel.shape
    if rows > height or columns > width:
        raise ValueError(
            f"The blur is {columns} x {rows} pixels wide, but the picture only {width} x {height}; "
            "make the blur smaller."
        )
    return kernel


def blur_matrix(line: NDArray[np.float64], size: int, edges: str) -> NDArray[np.float64]:
    """Return the matrix (size, size) that blurs a line of pixels with a kernel: (n,), n <= size.

    edges: what lies outside: "zero", "wrap" (the other side) or "reflect" (the mirrored picture).
    """
    place: Callable[[NDArray[np.intp]], NDArray[np.intp]] = _OUTSIDE[edges](size)
    matrix = np.zeros((size, size))
    rows = np.arange(size)
    for offset, weight in enumerate(line):
        columns = rows - (offset - len(line) // 2)
        inside = (columns >= 0) & (columns < size) if edges == "zero" else slice(None)
        np.add.at(matrix, (rows[inside], place(columns)[inside]), weight)
    return matrix


def _mirror(size: int) -> Callable[[NDArray[np.intp]], NDArray[np.intp]]:
    def place(at: NDArray[np.intp]) -> NDArray[np.intp]:
        folded = at % (2 * size)
        return np.minimum(folded, 2 * size - 1 - folded)

    return place


_OUTSIDE: dict[str, Callable[[int], Callable[[NDArray[np.intp]], NDArray[np.intp]]]] = {
    "zero": lambda size: lambda at: at,
    "wrap": lambda size: lambda at: at % size,
    "reflect": _mirror,
}


def _turned(reach: int, angle: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how far each pixel around the centre lies along a direction, and across it."""
    across, down = np.meshgrid(np.arange(-reach, reach + 1), np.arange(-reach, reach + 1))
    turn = math.radians(angle)
    forth = across * math.cos(turn) - down * math.sin(turn)
    left = across * math.sin(turn) + down * math.cos(turn)
    return forth, left


def _normal(values: NDArray[np.float64]) -> NDArray[np.float64]:
    scaled: NDArray[np.float64] = values / values.sum()
    return scaled
