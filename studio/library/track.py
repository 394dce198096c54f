"""The trajectory of points in the plane as arrays: where each was, and where it was headed."""

import numpy as np

from studio.library.plane import Floats, points_of, shrink
from studio.library.trajectory import Trajectory


class Track:
    """Read a planar trajectory step by step, and follow it as it grows.

    At step k a point stands at the state that the step began from, at `sigmas[k]`, and is headed
    for the step's estimate x̂₀: dx/dσ = (x - x̂₀) / σ there (Karras et al. 2022, equation 4 with
    σ(t) = t). The last state has no step of its own.
    """

    def __init__(self, frames: Trajectory) -> None:
        self.frames = frames
        self._states = [points_of(frames.start)]
        self._estimates: list[Floats] = []
        self.grow()

    def __len__(self) -> int:
        return len(self._estimates)

    def grow(self) -> None:
        """Read the steps that have come since."""
        for step in range(len(self._estimates), len(self.frames)):
            self._states.append(points_of(self.frames.state(step)))
            self._estimates.append(points_of(self.frames.estimate(step)))

    @property
    def count(self) -> int:
        """Return how many points there are."""
        return len(self._states[0])

    def is_last(self, step: int) -> bool:
        """Tell whether no step will follow."""
        total = self.frames.total
        at_end = step == len(self) - 1
        return at_end and (len(self) == total or self.frames.sigmas_next[step] == 0)

    def reach(self, step: int) -> int:
        """Return the number of the state that is shown with a step: at the last one its end."""
        return step + 1 if self.is_last(step) else step

    def sigma(self, step: int) -> float:
        """Return the noise level of a step."""
        return self.frames.sigmas[step]

    def estimates(self, step: int) -> Floats:
        """Return x̂₀ of a step, (B, 2)."""
        return self._estimates[step]

    def noise(self, step: int) -> Floats:
        """Return ε = (x - x̂₀) / σ of a step, (B, 2)."""
        return (self._states[step] - self._estimates[step]) / self.frames.sigmas[step]

    def levels(self, stop: int) -> Floats:
        """Return σ of the states 0 to `stop`."""
        frames = self.frames
        every = (*frames.sigmas, *frames.sigmas_next[-1:]) if len(frames) else (np.nan,)
        return np.array(every[: stop + 1])

    def states(self, stop: int, sigma_data: float | None = None) -> Floats:
        """Return the states 0 to `stop`, (stop + 1, B, 2); with σ_data each shrunk to its level."""
        found = np.stack(self._states[: stop + 1])
        if sigma_data is None:
            return found
        shares = np.array([shrink(sigma, sigma_data) for sigma in self.levels(stop)])
        scaled: Floats = found * shares[:, None, None]
        return scaled
