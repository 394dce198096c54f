"""Make long series short enough to be drawn, without hiding what varies."""

from dataclasses import dataclass

import numpy as np

from studio.training.run_folder.levels import BUCKETS

MOST_POINTS, MOST_COLUMNS = 2000, 240
_START = 0.01  # share of a run whose losses are where it began
_START_LEAST = 3


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Hold means over parts of a series with their least and greatest values: (P,) each."""

    kimg: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def thinned(self) -> bool:
        """Tell whether points stand for more than one value."""
        return bool(np.any(self.low < self.high))


@dataclass(frozen=True, slots=True, eq=False)
class LevelGrid:
    """Hold mean losses by time and noise level, (P, 16), NaN where no sample fell.

    `edges`, (P + 1,), are the kimg between which each row lies; `start`, (16,), is the loss at
    which each level began.
    """

    edges: np.ndarray
    loss: np.ndarray
    start: np.ndarray


def thin(kimg: np.ndarray, values: np.ndarray, most: int = MOST_POINTS) -> Curve:
    """Return values at kimg, (N,) each, in at most `most` parts; NaN is left out."""
    starts = _starts(len(kimg), most)
    if not len(starts):
        empty = np.empty(0)
        return Curve(empty, empty, empty, empty)
    sizes = np.diff(starts, append=len(kimg))
    low, high = (pick.reduceat(values, starts) for pick in (np.fmin, np.fmax))
    places = np.add.reduceat(kimg, starts) / sizes
    return Curve(places, _means(values[:, None], starts)[:, 0], low, high)


def level_grid(kimg: np.ndarray, losses: np.ndarray, most: int = MOST_COLUMNS) -> LevelGrid:
    """Return losses at kimg, (N,), by noise level, (N, 16), in at most `most` rows.

    Each counts for the time since the one before.
    """
    starts = _starts(len(kimg), most)
    if not len(starts):
        return LevelGrid(np.zeros(1), np.empty((0, BUCKETS)), np.full(BUCKETS, np.nan))
    ends = np.append(starts[1:], len(kimg)) - 1
    edges = np.concatenate([[0.0], kimg[ends]])
    return LevelGrid(edges, _means(losses, starts), _first_means(losses))


def _starts(count: int, most: int) -> np.ndarray:
    """Return where even parts of a series begin."""
    return np.arange(0, count, max(1, -(-count // most)))


def _means(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return the means of (N, K) over parts, (P, K), NaN where a part has no value."""
    known = ~np.isnan(values)
    sums = np.add.reduceat(np.where(known, values, 0.0), starts, axis=0)
    counts = np.add.reduceat(known.astype(float), starts, axis=0)
    return _divided(sums, counts)


def _first_means(losses: np.ndarray) -> np.ndarray:
    """Return the mean of the first few values of every level of (N, 16)."""
    few = max(_START_LEAST, int(len(losses) * _START))
    known = ~np.isnan(losses)
    first = known & (known.cumsum(axis=0) <= few)
    counts = first.sum(axis=0)
    sums = np.where(first, losses, 0.0).sum(axis=0)
    return _divided(sums, counts)


def _divided(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    means: np.ndarray = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return means
