"""What of a planar trajectory is drawn where: paths, points and estimates in one space."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from studio.library.plane import Floats, Window
from studio.library.track import Track

PLANE, FIRST, SECOND = "plane", "first", "second"
"""The modes: both coordinates, or one of them against σ."""

LAYERS = ("density", "field", "paths", "scaled")
VIEWS = ("x", "x0", "eps", "delta")
_BELOW = 0.6  # of the least σ above 0, where σ = 0 is drawn on a logarithmic axis


@dataclass(frozen=True, slots=True)
class Look:
    """What the person chose to see: mode, view, layers."""

    mode: str = PLANE
    view: str = "x0"
    layers: frozenset[str] = frozenset(LAYERS)

    @property
    def scaled(self) -> bool:
        """Tell whether noisy points are shrunk to the spread of the data."""
        return "scaled" in self.layers

    @property
    def space(self) -> str:
        """Name the space that is seen, each of which has a camera of its own."""
        if self.mode != PLANE:
            return f"{self.mode} {self.scaled}"
        return "noise" if self.view == "eps" else f"plane {self.scaled}"

    def with_layer(self, layer: str, on: bool) -> Look:
        """Return the look with a layer shown or not."""
        layers = self.layers | {layer} if on else self.layers - {layer}
        return replace(self, layers=layers)


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Points and lines of a step, in the space of the look: (B, 2) each, or None.

    `links` run from their first to their second.
    """

    points: Floats | None = None
    estimates: Floats | None = None
    links: tuple[Floats, Floats] | None = None


class Scene:
    """Place a trajectory in the space of a look.

    lowest: the least σ above 0 that the run will come to, None where nobody knows.
    """

    def __init__(
        self, track: Track, look: Look, sigma_data: float, lowest: float | None = None
    ) -> None:
        self.track, self.look, self.sigma_data = track, look, sigma_data
        self._lowest = lowest

    def paths(self, step: int) -> Floats:
        """Return the paths up to a step, (states, B, 2); nothing where they have no meaning."""
        look = self.look
        if "paths" not in look.layers or (look.view in ("eps", "delta") and look.mode == PLANE):
            return np.empty((0, self.track.count, 2))
        return self._states(self.track.reach(step))

    def path(self, step: int, which: int) -> Floats:
        """Return the path of one point up to a step, (states, 2)."""
        if self.look.mode == PLANE and self.look.view == "eps":
            return np.stack([self.track.noise(each)[which] for each in range(step + 1)])
        if self.look.mode == PLANE and self.look.view == "delta":
            return self.aims(step, which)
        return self._states(self.track.reach(step))[:, which]

    def aims(self, step: int, which: int) -> Floats:
        """Return where one point was headed up to a step, (steps, 2)."""
        aims = np.stack([self.track.estimates(each)[which] for each in range(step + 1)])
        return aims if self.look.mode == PLANE else self._against_sigma(aims[:, None])[:, 0]

    def marks(self, step: int) -> Marks:
        """Return the points and lines of a step."""
        track, look = self.track, self.look
        if look.mode == PLANE and look.view == "eps":
            return Marks(points=track.noise(step))
        now = track.estimates(step)
        if look.mode == PLANE and look.view == "delta":
            before = track.estimates(max(step - 1, 0))
            return Marks(estimates=now, links=(before, now))
        points = self._states(track.reach(step))[-1]
        if look.view == "x":
            return Marks(points=points)
        if look.mode != PLANE:
            estimates = self._column(now, float(points[0, 0]))
            return Marks(points=points, estimates=estimates)
        return Marks(points=points, estimates=now, links=(points, now))

    def window(self, box: tuple[float, float, float, float]) -> Window:
        """Return the part of the plane to show at first; `box` holds the data."""
        if self.look.view == "eps":
            return Window(0.0, 0.0, 3.6)
        return Window.around(box, self.sigma_data)

    def depth(self, step: int) -> float:
        """Return where a step stands on the axis of σ."""
        return float(self._depths(self.track.levels(self.track.reach(step)))[-1])

    def span(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """Return the edges of the profile: the whole way of σ, and the data of one coordinate."""
        window = Window.around(box, self.sigma_data)
        depths = self._depths(np.array([*self.track.levels(0), 0.0]))
        middle = window.x if self.look.mode == FIRST else window.y
        low, high = middle - window.half, middle + window.half
        left, right = float(depths.min()), float(depths.max())
        margin = 0.03 * max(right - left, 0.1)
        return left - margin, low, right + margin, high

    def _states(self, stop: int) -> Floats:
        shrunk = self.sigma_data if self.look.scaled else None
        states = self.track.states(stop, shrunk)
        return states if self.look.mode == PLANE else self._against_sigma(states)

    def _against_sigma(self, values: Floats) -> Floats:
        depths = self._depths(self.track.levels(len(values) - 1))
        return np.stack([self._column(v, d) for v, d in zip(values, depths, strict=True)])

    def _column(self, points: Floats, depth: float) -> Floats:
        axis = 0 if self.look.mode == FIRST else 1
        return np.stack([np.full(len(points), depth), points[:, axis]], axis=1)

    def _depths(self, sigmas: Floats) -> Floats:
        """Return −ln σ, which grows from noise to data; σ = 0 stands a little beyond the rest."""
        least = self.track.lowest if self._lowest is None else self._lowest
        depths: Floats = -np.log(np.maximum(sigmas, _BELOW * min(least, self.track.lowest)))
        return depths
