"""Which frequencies of a picture a scanner measures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def cartesian(height: int, width: int, share: float, centre: float, seed: int) -> NDArray[np.bool_]:
    """Return whole lines of the centred spectrum: the middle ones and random others: (H, W)."""
    wanted = max(1, round(share * height))
    distance = np.abs(np.arange(height) - height // 2)
    order = np.random.default_rng(seed).permutation(height).astype(float)
    order[distance <= (centre * height - 1) / 2] = -1
    order[height // 2] = -2
    lines = np.argsort(order, kind="stable")[:wanted]
    sampled = np.zeros((height, width), np.bool_)
    sampled[lines] = True
    return sampled


def scattered(height: int, width: int, share: float, centre: float, seed: int) -> NDArray[np.bool_]:
    """Return single frequencies, all in the middle and fewer the higher they are: (H, W)."""
    wanted = max(1, round(share * height * width))
    distance = _distance(height, width)
    luck = np.random.default_rng(seed).random((height, width))
    # The smallest of u^(1/p) among weights p is a draw without replacement (Efraimidis 2006).
    order = -(luck ** ((0.1 + distance) ** 2))
    order[distance <= centre] = -2
    order[height // 2, width // 2] = -3
    sampled = np.zeros(height * width, np.bool_)
    sampled[np.argsort(order, axis=None, kind="stable")[:wanted]] = True
    return sampled.reshape(height, width)


def radial(height: int, width: int, share: float, centre: float, seed: int) -> NDArray[np.bool_]:
    """Return the middle and spokes through it, as many as come nearest to the share: (H, W)."""
    turn = np.random.default_rng(seed).random()
    middle = _distance(height, width) <= centre
    middle[height // 2, width // 2] = True
    before, sampled = middle, middle
    for count in range(1, 4 * (height + width)):
        if sampled.mean() >= share:
            break
        before, sampled = sampled, middle | _spokes(height, width, count, turn)
    return sampled if sampled.mean() - share < share - before.mean() else before


def _spokes(height: int, width: int, count: int, turn: float) -> NDArray[np.bool_]:
    sampled = np.zeros((height, width), np.bool_)
    radius = np.linspace(-1, 1, 2 * max(height, width) + 1)
    for k in range(count):
        angle = math.pi * (k + turn) / count
        rows = np.rint(height // 2 + radius * math.sin(angle) * height / 2).astype(int)
        columns = np.rint(width // 2 + radius * math.cos(angle) * width / 2).astype(int)
        sampled[rows.clip(0, height - 1), columns.clip(0, width - 1)] = True
    return sampled


def _distance(height: int, width: int) -> NDArray[np.float64]:
    """Return how far each centred frequency is from none, 1 at the highest along an axis."""
    rows = (np.arange(height) - height // 2) / max(1, height // 2)
    columns = (np.arange(width) - width // 2) / max(1, width // 2)
    distance: NDArray[np.float64] = np.hypot(rows[:, None], columns)
    return distance


PATTERNS: dict[str, Callable[[int, int, float, float, int], NDArray[np.bool_]]] = {
    "cartesian": cartesian,
    "random": scattered,
    "radial": radial,
}
"""The patterns by their ids."""
