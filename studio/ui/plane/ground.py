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
_MOST = 4e6  # values of components at cells


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Hold what lies under the paths of one camera.

    density: (rows, columns) from 0 to 1, or None; arrows: (N, 4), as place and direction in pixels
    of the camera, at most 1 long, or None.
    """

    camera: Camera
    density: Floats | None = None
    arrows: Floats | None = None


def ground(
    model: ToyModel, look: Look, camera: Camera, sigma: float, taste: Taste, label: int = -1
) -> Ground:
    """Return what lies under a step at σ: whose density `label` says, whose flow `taste`."""
    if look.mode == PLANE and look.view == "eps":
        return Ground(camera, _noise_density(camera) if "density" in look.layers else None)
    coarse = max(1.0, (camera.area[0] * camera.area[1] / _CELL**2 * _size(model) / _MOST) ** 0.5)
    density = arrows = None
    if "density" in look.layers:
        painter = _density if look.mode == PLANE else _profile
        density = painter(model, look, camera, sigma, label, coarse)
    if "field" in look.layers:
        drawer = _field if look.mode == PLANE else _slopes
        arrows = drawer(model, look, camera, sigma, taste)
    return Ground(camera, density, arrows)


def _density(
    model: ToyModel, look: Look, camera: Camera, sigma: float, label: int, coarse: float
) -> Floats:
    points, rows, columns = camera.cells(_CELL * coarse)
    share = shrink(sigma, model.info.sigma_data) if look.scaled else 1.0
    seen = max(sigma, 0.6 * _CELL * coarse / camera.scale[0] / share)  # no finer than a cell
    logs = _logs(model, points / share, seen, label)
    return _visible(logs).reshape(rows, columns)


def _profile(
    model: ToyModel, look: Look, camera: Camera, sigma: float, label: int, coarse: float
) -> Floats:
    """Return the density of one coordinate at every σ, each column to its own scale."""
    import torch

    _, rows, _ = camera.cells(_CELL * coarse)
    places, _, columns = camera.cells(_COLUMN)
    left, bottom, right, top = camera.box
    heights = top - (np.arange(rows) + 0.5) / rows * (top - bottom)
    line = model.mixture(label).marginal(0 if look.mode == FIRST else 1)
    found = np.empty((rows, columns))
    for column, depth in enumerate(places[:columns, 0]):
        level = exp(-depth)
        share = shrink(level, model.info.sigma_data) if look.scaled else 1.0
        seen = max(level, 0.6 * _CELL * coarse / camera.scale[1] / share)
        x = torch.from_numpy(np.stack([heights / share, np.zeros(rows)], axis=1))
        logs = line.log_density(x, torch.full((rows,), seen, dtype=x.dtype))
        found[:, column] = _visible(logs.numpy())
    return found


def _field(model: ToyModel, look: Look, camera: Camera, sigma: float, taste: Taste) -> Floats:
    """Return arrows along the paths at σ: dx/d(-ln σ) = D - x, as the solvers go."""
    points, _, _ = camera.cells(_ARROW)
    share = shrink(sigma, model.info.sigma_data) if look.scaled else 1.0
    x = points / share
    flow = model.clean(_tensor(x), sigma, taste).numpy() - x
    if look.scaled:  # what shrinks less and less seems to grow
        flow = share * (flow + x * sigma**2 / (sigma**2 + model.info.sigma_data**2))
    return _arrows(camera, points, flow)


def _slopes(model: ToyModel, look: Look, camera: Camera, sigma: float, taste: Taste) -> Floats:
    """Return arrows of one coordinate against -ln σ: the mean of the flow over the other one."""
    points, rows, columns = camera.cells(_ARROW)
    line = model.mixture(taste.label).marginal(0 if look.mode == FIRST else 1)
    import torch

    rises = np.empty(rows * columns)
    for column in range(columns):
        some = slice(column, None, columns)
        level = exp(-points[column, 0])
        share = shrink(level, model.info.sigma_data) if look.scaled else 1.0
        x = points[some, 1] / share
        flat = torch.from_numpy(np.stack([x, np.zeros(rows)], axis=1))
        levels = torch.full((rows,), level, dtype=flat.dtype)
        rise = line.posterior_mean(flat, levels).numpy()[:, 0] - x
        if look.scaled:
            rise = share * (rise + x * level**2 / (level**2 + model.info.sigma_data**2))
        rises[some] = rise
    pixels = camera.pixels(points)
    ways = np.stack([np.full(len(rises), camera.scale[0]), -rises * camera.scale[1]], axis=1)
    lengths = np.linalg.norm(ways, axis=1, keepdims=True)
    return np.concatenate([pixels, 0.7 * ways / np.maximum(lengths, 1e-12)], axis=1)


def _arrows(camera: Camera, points: Floats, flow: Floats) -> Floats:
    """Return arrows as long as the flow is strong, the strongest evened out."""
    ways = flow * np.array([camera.scale[0], -camera.scale[1]])
    lengths = np.linalg.norm(ways, axis=1, keepdims=True)
    usual = float(np.quantile(lengths, 0.7)) or 1.0
    told = np.tanh(lengths / usual) ** 0.7
    return np.concatenate([camera.pixels(points), told * ways / np.maximum(lengths, 1e-12)], axis=1)


def _noise_density(camera: Camera) -> Floats:
    points, rows, columns = camera.cells(_CELL)
    shares: Floats = np.exp(-_GAMMA * 0.5 * (points**2).sum(axis=1)).reshape(rows, columns)
    return shares


def _visible(logs: Floats) -> Floats:
    shares: Floats = np.exp(_GAMMA * (logs - logs.max()))
    return shares


def _logs(model: ToyModel, points: Floats, sigma: float, label: int) -> Floats:
    logs: Floats = model.log_density(_tensor(points), sigma, label).numpy()
    return logs


def _tensor(points: Floats) -> torch.Tensor:
    import torch

    return torch.from_numpy(np.ascontiguousarray(points))


def _size(model: ToyModel) -> int:
    return max(1, model.info.components)
