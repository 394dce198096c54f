"""How near the pictures of a model are to those of a set, and whether they copy any of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.diffusion.frechet import frechet_distance, moments

Images = NDArray[np.uint8]
Extractor = Callable[[Images], NDArray[np.float64]]

COMPONENTS = 64
_PART = 256


class Scale:
    """Measure pictures, (N, H, W, 3), against those that were kept out of training.

    Features are projected on the first 64 principal components of those of the training pictures,
    so that a few hundred pictures are enough for a covariance.
    """

    def __init__(self, extract: Extractor, training: Images, held_out: Images) -> None:
        self._extract = extract
        self._rows = extract(training)
        self._mean = self._rows.mean(axis=0)
        _, vectors = np.linalg.eigh(np.cov(self._rows, rowvar=False))
        self._basis = vectors[:, : -COMPONENTS - 1 : -1]
        self._held_out = moments(self._projected(extract(held_out)))

    def of_training(self) -> float:
        """Return the Fréchet distance of the training pictures: what real pictures have."""
        return self._distance(self._rows)

    def __call__(self, pictures: Images) -> float:
        """Return the Fréchet distance between pictures and those kept out."""
        return self._distance(self._extract(pictures))

    def _distance(self, rows: NDArray[np.float64]) -> float:
        return frechet_distance(*moments(self._projected(rows)), *self._held_out)

    def _projected(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        projected: NDArray[np.float64] = (rows - self._mean) @ self._basis
        return projected


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """The picture of a set that is nearest to each: `index` and `mirrored`, (N,), and how far.

    `distance` is the root mean square difference of pixels in [-1, 1].
    """

    index: NDArray[np.int64]
    mirrored: NDArray[np.bool_]
    distance: NDArray[np.float64]


def nearest(pictures: Images, among: Images) -> Nearest:
    """Return the nearest neighbours of pictures, (N, H, W, 3), mirror images counted in."""
    found = []
    sides = (_rows(among), _rows(among[:, :, ::-1]))
    for start in range(0, len(pictures), _PART):
        rows = _rows(pictures[start : start + _PART])
        squares = np.stack([_squares(rows, side) for side in sides], axis=1)
        best = squares.reshape(len(rows), -1).argmin(axis=1)
        least = squares.reshape(len(rows), -1).min(axis=1)
        found.append((best % len(among), best >= len(among), np.sqrt(least.clip(min=0))))
    index, mirrored, distance = (np.concatenate(part) for part in zip(*found, strict=True))
    return Nearest(index, mirrored, distance.astype(np.float64))


def _rows(pictures: Images) -> NDArray[np.float32]:
    rows: NDArray[np.float32] = pictures.reshape(len(pictures), -1).astype(np.float32) / 127.5 - 1
    return rows


def _squares(rows: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean square difference between every two rows."""
    cross = rows @ others.T
    sums = np.square(rows).sum(axis=1)[:, None] + np.square(others).sum(axis=1) - 2 * cross
    squares: NDArray[np.float32] = sums / rows.shape[1]
    return squares


def pairs(pictures: Images, among: Images, found: Nearest) -> Images:
    """Return each picture with its nearest neighbour, turned round as found, below it.

    The neighbours may be those of more pictures, of which these are the first.
    """
    neighbours = among[found.index[: len(pictures)]]
    turned = found.mirrored[: len(pictures)]
    neighbours[turned] = neighbours[turned][:, :, ::-1]
    return np.concatenate([pictures, neighbours], axis=1)
