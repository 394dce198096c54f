"""Walk along a trajectory and measure it step by step, a few pictures at a time.

No walk holds more of a trajectory than `PIECE` bytes of each array, be it in memory or in a file.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from studio.library.archive import Array
from studio.library.measures.formulas import (
    Figures,
    cosine,
    direction,
    distance,
    noise_norm,
    unsettled,
)
from studio.library.trajectory import ALL, Trajectory

PIECE = 2 * 2**20
"""Bytes of an array that are in hand at once: about what a processor keeps near."""


def pieces(shape: tuple[int, ...], itemsize: int = 8) -> Iterator[slice]:
    """Yield slices of a batch: (B, ...) of at most `PIECE` bytes each, but of one picture."""
    count, size = shape[0], int(np.prod(shape[1:], dtype=np.int64)) * itemsize
    stride = max(1, PIECE // max(1, size))
    if stride >= count:
        yield ALL
        return
    for first in range(0, count, stride):
        yield slice(first, min(first + stride, count))


def final_picture(frames: Trajectory, count: int, pictures: slice = ALL) -> Array:
    """Return the picture to which the first `count` steps lead, (B, C, H, W).

    It is the state where that is free of noise, else the newest x̂₀: what a stopped run keeps.
    """
    if frames.sigmas_next[count - 1] == 0:
        return frames.state(count - 1, pictures)
    return frames.estimate(count - 1, pictures)


class Along:
    """Measure what every step shows by itself: ‖ε‖ and the cosine to the step before.

    `norms` and `cosines` hold (B,) for each step that was walked; the first has no cosine: NaN.
    """

    def __init__(self, frames: Trajectory) -> None:
        self.frames = frames
        self.norms: list[Figures] = []
        self.cosines: list[Figures] = []

    @property
    def place(self) -> int:
        """Return how many steps were walked."""
        return len(self.cosines)

    @property
    def end(self) -> int:
        """Return how many steps there are to be walked now."""
        return len(self.frames)

    def advance(self) -> None:
        """Measure the next step."""
        step, count = self.place, self.frames.shape[0]
        norms, cosines = np.full(count, np.nan), np.full(count, np.nan)
        for part in pieces(self.frames.shape):
            now = self._direction(step, part)
            norms[part] = noise_norm(now)
            if step:
                cosines[part] = cosine(self._direction(step - 1, part), now)
        self.norms.append(norms)
        self.cosines.append(cosines)

    def _direction(self, step: int, part: slice) -> Array:
        frames = self.frames
        level = frames.level_before(step)
        return direction(frames.before(step, part), frames.estimate(step, part), level)


class Against:
    """Measure the first `end` steps against the picture to which they lead.

    `distances` holds (B,) for each step that was walked. `settled`: (B, H, W), how many steps it
    took until no channel of the pixel was ever again further than `tolerance` from its final value:
    0 where that was so from the first step on, `end` where it never was.
    """

    def __init__(self, frames: Trajectory, end: int, tolerance: float) -> None:
        self.frames, self.end, self.tolerance = frames, end, tolerance
        self.distances: list[Figures] = []
        count, _, height, width = frames.shape
        self.settled: NDArray[np.uint16] = np.zeros((count, height, width), np.uint16)

    @property
    def place(self) -> int:
        """Return how many steps were walked."""
        return len(self.distances)

    def advance(self) -> None:
        """Measure the next step."""
        step, frames = self.place, self.frames
        figures = np.full(frames.shape[0], np.nan)
        for part in pieces(frames.shape):
            estimate, final = frames.estimate(step, part), final_picture(frames, self.end, part)
            figures[part] = distance(estimate, final)
            self.settled[part][unsettled(estimate, final, self.tolerance)] = step + 1
        self.distances.append(figures)
