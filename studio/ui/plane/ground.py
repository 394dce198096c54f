"""What lies under the paths: the density of the noisy data and the flow field, from the model.

It is worked out off the window's thread; torch is loaded only there.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

import numpy as np

from studio.library.plane import Floats, shrink
from studio.ui.plane.camera import Camera
from studio.ui.plane.scene import FIRST, PLANE, Look

if TYPE_CHECKING:
    import torch

    from studio.models.toy.model import Taste, ToyModel

_CELL, _ARROW = 5.0, 34.0  # pixels between values of the density, and between arrows
_COLUMN = 8.0  # pixels between the σ of a profile
_GAMMA = 0.45  # makes the thin parts of a density visible
_MOST = 2e6  # values of components at cells


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Hold what lies under the paths of one camera.

    density: (rows, columns) from 0 to 1, or None; arrows: (N, 4), as place and direction in pixels
    of the camera, at most 1 long, or None; exact: the same of the distribution that a network
    learned, or None.
    """

    camera: Camera
    density: Floats | None = None
    arrows: Floats | None = None
    exact: Floats | None = None


class Surveyor:
    """Work out what lies under one camera, from a model, for one look."""

    def __init__(self, model: ToyModel, look: Look, camera: Camera) -> None:
        self._model, self._look, self._camera = model, look, camera
        size = camera.area[0] * camera.area[1] * max(1, model.info.components)
        self._cell = _CELL * max(1.0, (size / _CELL**2 / _MOST) ** 0.5)

    def survey(self, sigma: float, taste: Taste, label: int = -1) -> Ground:
        """Return what lies under a step at σ: whose density `label` says, whose flow `taste`."""
        from studio.models.toy.mixture import one_thread

        layers, planar = self._look.layers, self._look.mode == PLANE
        if planar and self._look.view == "eps":
            return Ground(self._camera, self._noise() if "density" in layers else None)
        density = arrows = exact = None
        with one_thread(self._model.device):
            if "density" in layers:
                density = self._density(sigma, label) if planar else self._columns(label)
            if "field" in layers:
                arrows, exact = self._field(sigma, taste) if planar else (self._slopes(taste), None)
        return Ground(self._camera, density, arrows, exact)

    def _density(self, sigma: float, label: int) -> Floats:
        points, rows, columns = self._camera.cells(self._cell)
        share = self._share(sigma)
        seen = max(sigma, self._finest(0) / share)
        logs = self._model.log_density(_tensor(points / share), seen, label).numpy()
        return _visible(logs).reshape(rows, columns)

    def _columns(self, label: int) -> Floats:
        """Return the density of one coordinate at every σ, each column to its own scale."""
        import torch

        _, rows, _ = self._camera.cells(self._cell)
        places, _, columns = self._camera.cells(_COLUMN)
        _, bottom, _, top = self._camera.box
        heights = top - (np.arange(rows) + 0.5) / rows * (top - bottom)
        line = self._model.mixture(label).marginal(self._axis)
        found = np.empty((rows, columns))
        for column, depth in enumerate(places[:columns, 0]):
            level = exp(-depth)
            share = self._share(level)
            x = _tensor(np.stack([heights / share, np.zeros(rows)], axis=1))
            seen = max(level, self._finest(1) / share)
            logs = line.log_density(x, torch.full((rows,), seen, dtype=x.dtype))
            found[:, column] = _visible(logs.numpy())
        return found

    def _field(self, sigma: float, taste: Taste) -> tuple[Floats, Floats | None]:
        """Return arrows along the paths at σ, and those that a learned model should have.

        They are dx/d(-ln σ) = D - x, as the solvers go.
        """
        points, _, _ = self._camera.cells(_ARROW)
        flow = self._flow(self._model, points, sigma, taste)
        usual = _usual(self._camera, flow)
        arrows = _arrows(self._camera, points, flow, usual)
        if (exact := self._model.exact) is None:
            return arrows, None
        true = self._flow(exact, points, sigma, taste)
        return arrows, _arrows(self._camera, points, true, usual)

    def _flow(self, model: ToyModel, points: Floats, sigma: float, taste: Taste) -> Floats:
        x = points / self._share(sigma)
        return self._seen(model.clean(_tensor(x), sigma, taste).numpy() - x, x, sigma)

    def _slopes(self, taste: Taste) -> Floats:
        """Return arrows of one coordinate against -ln σ: the mean of the flow over the other."""
        camera = self._camera
        points, rows, columns = camera.cells(_ARROW)
        rises = np.empty(rows * columns)
        for column in range(columns):
            some = slice(column, None, columns)
            level = exp(-points[column, 0])
            x = points[some, 1] / self._share(level)
            means = self._model.mean_of_one(_tensor(x), level, self._axis, taste.label)
            rises[some] = self._seen(means.numpy() - x, x, level)
        ways = np.stack([np.full(len(rises), camera.scale[0]), -rises * camera.scale[1]], axis=1)
        lengths = np.linalg.norm(ways, axis=1, keepdims=True)
        return np.concatenate([camera.pixels(points), 0.7 * ways / lengths], axis=1)

    def _noise(self) -> Floats:
        points, rows, columns = self._camera.cells(_CELL)
        return _visible(-0.5 * (points**2).sum(axis=1)).reshape(rows, columns)

    @property
    def _axis(self) -> int:
        return 0 if self._look.mode == FIRST else 1

    def _share(self, sigma: float) -> float:
        return shrink(sigma, self._model.info.sigma_data) if self._look.scaled else 1.0

    def _finest(self, axis: int) -> float:
        """Return the width below which a peak would fall between the cells."""
        width: float = 0.6 * self._cell / self._camera.scale[axis]
        return width

    def _seen(self, flow: Floats, x: Floats, sigma: float) -> Floats:
        """Return the flow as it is seen: where x shrinks less and less, it seems to grow."""
        if not self._look.scaled:
            return flow
        growth = sigma**2 / (sigma**2 + self._model.info.sigma_data**2)
        seen: Floats = self._share(sigma) * (flow + x * growth)
        return seen


def _usual(camera: Camera, flow: Floats) -> float:
    """Return how strong a flow usually is, in pixels."""
    return float(np.quantile(np.linalg.norm(flow * camera.scale, axis=1), 0.7)) or 1.0


def _arrows(camera: Camera, points: Floats, flow: Floats, usual: float) -> Floats:
    """Return arrows as long as the flow is strong, the strongest evened out."""
    ways = flow * np.array([camera.scale[0], -camera.scale[1]])
    lengths = np.linalg.norm(ways, axis=1, keepdims=True)
    told = np.tanh(lengths / usual) ** 0.7
    return np.concatenate([camera.pixels(points), told * ways / np.maximum(lengths, 1e-12)], axis=1)


def _visible(logs: Floats) -> Floats:
    shares: Floats = np.exp(_GAMMA * (logs - logs.max()))
    return shares


def _tensor(points: Floats) -> torch.Tensor:
    import torch

    return torch.from_numpy(np.ascontiguousarray(points))
