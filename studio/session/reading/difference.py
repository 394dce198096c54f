"""Two takes at the same σ: which steps stand for it, and by how much their x̂₀ differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from studio.library import Trajectory
from studio.library.archive import Array
from studio.library.measures.walks import pieces

_EQUAL = 1e-6
"""Levels whose ratio is nearer to 1 than this are the same."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a trajectory has a level σ: at step `low`, or `share` of the way to step `high`.

    `exact` says that the step has just this level; else x̂₀ is interpolated in ln σ, or `low` is
    the nearest there is where σ lies outside of what the trajectory has.
    """

    low: int
    high: int
    share: float
    exact: bool

    @property
    def between(self) -> bool:
        """Tell whether x̂₀ is interpolated between two steps."""
        return self.low != self.high


def spot_of(sigmas: Sequence[float], sigma: float) -> Spot:
    """Return where a trajectory with `sigmas` before its steps has the level `sigma`.

    Of several places the last counts: where σ rises again (a restart), it is the one nearer to the
    picture.
    """
    logs = [log(max(level, 1e-12)) for level in sigmas]
    at = log(max(sigma, 1e-12))
    for step in reversed(range(len(logs))):
        if abs(logs[step] - at) <= _EQUAL:
            return Spot(step, step, 0.0, True)
    for step in reversed(range(len(logs) - 1)):
        above, below = logs[step], logs[step + 1]
        if above > at > below:
            return Spot(step, step + 1, (above - at) / (above - below), False)
    nearest = min(reversed(range(len(logs))), key=lambda step: abs(logs[step] - at))
    return Spot(nearest, nearest, 0.0, False)


def partners(seeds: Sequence[int], others: Sequence[int]) -> NDArray[np.intp]:
    """Return the place in `others` of the same seed for each of `seeds`, -1 where there is none.

    Takes that share no seed at all are paired by place.
    """
    places = {seed: place for place, seed in reversed(list(enumerate(others)))}
    found = [places.get(seed, -1) for seed in seeds]
    if max(found, default=-1) < 0:
        found = [place if place < len(others) else -1 for place in range(len(seeds))]
    return np.array(found, np.intp)


def estimate_at(frames: Trajectory, spot: Spot, rows: NDArray[np.intp]) -> Array:
    """Return x̂₀ of some pictures at a spot, (len(rows), C, H, W); rows of -1 are NaN."""
    known = rows >= 0
    shape = (len(rows), *frames.shape[1:])
    out = np.full(shape, np.nan, np.float32)
    if not known.any():
        return out
    first, last = int(rows[known].min()), int(rows[known].max())
    part = slice(first, last + 1)
    values = frames.estimate(spot.low, part)[rows[known] - first]
    if spot.between:
        above = frames.estimate(spot.high, part)[rows[known] - first]
        values = values + (above - values) * spot.share
    out = out if values.dtype == np.float32 else out.astype(np.float64)
    out[known] = values
    return out


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much x̂₀ of two takes differ; without a partner: NaN.

    `map`: (B, H, W), the mean over channels, or their root mean square; `rms` and `largest`: (B,),
    over all pixels and channels.
    """

    map: NDArray[np.float32]
    rms: NDArray[np.float32]
    largest: NDArray[np.float32]


def difference(
    frames: Trajectory,
    step: int,
    other: Trajectory,
    spot: Spot,
    rows: NDArray[np.intp],
    *,
    kind: str,
) -> Difference:
    """Return x̂₀ of `step` minus that of `other` at `spot`, for the `rows` that are its partners.

    kind: "signed" for the mean over channels, "rms" for sqrt(mean over channels of the square).
    """
    count, _, height, width = frames.shape
    shown = np.empty((count, height, width), np.float32)
    rms, largest = np.empty(count, np.float32), np.empty(count, np.float32)
    for part in pieces(frames.shape):
        gap = frames.estimate(step, part) - estimate_at(other, spot, rows[part])
        square = gap**2
        shown[part] = gap.mean(axis=1) if kind == "signed" else np.sqrt(square.mean(axis=1))
        rms[part] = np.sqrt(square.mean(axis=(1, 2, 3)))
        largest[part] = np.abs(gap).max(axis=(1, 2, 3))
    return Difference(shown, rms, largest)
