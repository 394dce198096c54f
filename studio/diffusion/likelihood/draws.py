"""Random numbers of a likelihood, keyed so that they depend on nothing but their key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

Key = tuple[int, ...]
"""Whole numbers from 0 up, such as a seed, a repeat and the checksum of the picture."""

_UNIFORM, _PROBE, _NORMAL = range(3)


def uniform(keys: Sequence[Key], shape: Sequence[int]) -> NDArray[np.float64]:
    """Return values in [0, 1): (B, *shape), a row for each key."""
    size = tuple(shape)
    return _drawn(keys, _UNIFORM, lambda source: source.random(size))


def rademacher(keys: Sequence[Key], shape: Sequence[int]) -> NDArray[np.float64]:
    """Return ±1 with equal chance: (B, *shape), the probe of least variance."""
    return _drawn(keys, _PROBE, lambda source: source.choice((-1.0, 1.0), tuple(shape)))


def gaussian(keys: Sequence[Key], shape: Sequence[int]) -> NDArray[np.float64]:
    """Return unit normal probes: (B, *shape)."""
    return _drawn(keys, _PROBE, lambda source: source.standard_normal(tuple(shape)))


def normal(keys: Sequence[Key], shape: Sequence[int]) -> NDArray[np.float64]:
    """Return unit normal noise: (B, *shape)."""
    return _drawn(keys, _NORMAL, lambda source: source.standard_normal(tuple(shape)))


def _drawn(
    keys: Sequence[Key], purpose: int, draw: Callable[[np.random.Generator], NDArray[np.float64]]
) -> NDArray[np.float64]:
    return np.stack([draw(np.random.default_rng((purpose, *key))) for key in keys])
