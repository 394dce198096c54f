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
        self._levels: list[float] = []
        self._stacks: dict[float | None, Floats] = {}
        self.grow()

    def __len__(self) -> int:
        return len(self._estimates)

    def grow(self) -> None:
        """Read the steps that have come since."""
        frames = self.frames
        if len(self._estimates) == len(frames) and self._levels:
            return
        self._levels = [*frames.sigmas, *frames.sigmas_next[-1:]]
        self._stacks.clear()
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
        return at_end and (len(self) == total or self._levels[-1] == 0)

    def reach(self, step: int) -> int:
        """Return the number of the state that is shown with a step: at the last one its end."""
        return step + 1 if self.is_last(step) else step

    def sigma(self, step: int) -> float:
        """Return the noise level of a step."""
        return self._levels[step]

    @property
    def lowest(self) -> float:
        """Return the least σ above 0 so far."""
        return min((sigma for sigma in self._levels if sigma > 0), default=1.0)

    def estimates(self, step: int) -> Floats:
        """Return x̂₀ of a step, (B, 2)."""
        return self._estimates[step]

    def noise(self, step: int) -> Floats:
        """Return ε = (x - x̂₀) / σ of a step, (B, 2)."""
        return (self._states[step] - self._estimates[step]) / self._levels[step]

    def levels(self, stop: int) -> Floats:
        """Return σ of the states 0 to `stop`."""
        return np.array(self._levels[: stop + 1])

    def states(self, stop: int, sigma_data: float | None = None) -> Floats:
        """Return the states 0 to `stop`, (stop + 1, B, 2); with σ_data each shrunk to its level."""
        if sigma_data not in self._stacks:
            self._stacks[sigma_data] = self._stacked(sigma_data)
        return self._stacks[sigma_data][: stop + 1]

    def _stacked(self, sigma_data: float | None) -> Floats:
        found: Floats = np.stack(self._states)
        if sigma_data is not None:
            shares = [shrink(sigma, sigma_data) for sigma in self._levels]
            found = found * np.array(shares)[: len(found), None, None]
        return found
