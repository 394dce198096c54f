"""What is looked at of pictures when sets of them are compared; another extractor goes here."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Features = Callable[[NDArray[np.uint8]], NDArray[np.float64]]
"""Return a row of figures, (N, D), for each picture of (N, H, W, 3) uint8."""

SIDE, COMPONENTS = 16, 64
_FITTED_ON = 20_000  # pictures, spread over the set
_PART = 256  # pictures that are averaged at once


def pixel_features(reference: NDArray[np.uint8]) -> Features:
    """Return an extractor fitted to a set of pictures, (N, H, W, 3).

    Pictures are averaged down to 16×16 and projected on the first 64 principal components of the
    set's pixels. That is plain arithmetic, and no Inception network: distances are to be compared
    with each other, not with published ones.
    """
    rows = shrunk(reference[:: -(-len(reference) // _FITTED_ON)])
    mean = rows.mean(axis=0)
    _, vectors = np.linalg.eigh(np.cov(rows, rowvar=False))
    basis = vectors[:, : -COMPONENTS - 1 : -1]

    def features(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        projected: NDArray[np.float64] = (shrunk(pictures) - mean) @ basis
        return projected

    return features


def shrunk(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return pictures (N, H, W, 3) averaged down to at most 16×16, as rows from -1 to 1."""
    # By matrices, so that any size is averaged over exactly; in parts, so that they fit the cache.
    high, wide = (_averages(side) for side in pictures.shape[1:3])
    rows = np.empty((len(pictures), len(high) * len(wide) * pictures.shape[3]))
    for start in range(0, len(pictures), _PART):
        part = pictures[start : start + _PART].astype(np.float32)
        lines = high @ part.reshape(*part.shape[:2], -1)
        small = wide @ lines.reshape(len(part), len(high), *part.shape[2:])
        rows[start : start + _PART] = small.reshape(len(part), -1)
    return rows / 127.5 - 1


def _averages(side: int) -> NDArray[np.float32]:
    """Return the matrix, (min(side, 16), side), that averages a line over equal stretches."""
    count = min(side, SIDE)
    edges = np.linspace(0, side, count + 1)
    pixels = np.arange(side)
    ends = np.minimum(edges[1:, None], pixels + 1)
    covered = (ends - np.maximum(edges[:-1, None], pixels)).clip(min=0)
    weights: NDArray[np.float32] = (covered / (side / count)).astype(np.float32)
    return weights
