"""Points in the plane as small pictures, for takes, films and thumbnails; NumPy alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHAPE = (2, 1, 1)
"""(C, H, W) of a state that is a point: two channels of one pixel."""

Floats = NDArray[np.floating]
Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]

PAPER: Colour = (13, 14, 18)
HAZE: Colour = (63, 74, 104)
FAINT: Colour = (140, 146, 164)
ESTIMATE: Colour = (90, 209, 196)
NOISE: Colour = (240, 163, 90)
BRIGHT: Colour = (231, 233, 240)

_FINER = 3  # dots are drawn so much larger, then averaged
_GAMMA = 0.45  # makes the thin parts of a density visible


def is_planar(shape: Sequence[int]) -> bool:
    """Tell whether states of this shape, (B, C, H, W) or (C, H, W), are points."""
    return tuple(shape[-3:]) == SHAPE


def points_of(states: Floats) -> Floats:
    """Return states (B, 2, 1, 1) as points (B, 2)."""
    return states.reshape(-1, 2)


def shrink(sigma: float, sigma_data: float) -> float:
    """Return s(σ) = 1 / sqrt(1 + σ²/σ_data²), by which noisy points keep the spread of the data.

    With σ_data = 1 it is the scaling of the variance preserving path (Karras et al. 2022, Table 1).
    """
    return float(1 / np.sqrt(1 + (sigma / sigma_data) ** 2))


@dataclass(frozen=True, slots=True)
class Window:
    """Hold the square of the plane that a picture shows; its second coordinate points up."""

    x: float
    y: float
    half: float

    @classmethod
    def around(
        cls, box: tuple[float, float, float, float], sigma_data: float, margin: float = 1.12
    ) -> "Window":
        """Return what holds a box (left, bottom, right, top) and noise shrunk to σ_data about 0."""
        reach = 2.6 * sigma_data
        left, bottom = min(box[0], -reach), min(box[1], -reach)
        right, top = max(box[2], reach), max(box[3], reach)
        half = max(right - left, top - bottom, 1e-6) / 2 * margin
        return cls((left + right) / 2, (bottom + top) / 2, half)

    def pixels(self, points: Floats, side: int) -> Floats:
        """Return where points (..., 2) lie in a picture of `side` pixels, from its top left."""
        scale = side / (2 * self.half)
        across = (points[..., 0] - self.x + self.half) * scale
        down = (self.y + self.half - points[..., 1]) * scale
        return np.stack([across, down], axis=-1)

    def grid(self, side: int) -> Floats:
        """Return the middles of all pixels, (side², 2), row by row from the top."""
        steps = (np.arange(side) + 0.5) / side * 2 - 1
        across, down = np.meshgrid(self.x + self.half * steps, self.y - self.half * steps)
        return np.stack([across.ravel(), down.ravel()], axis=1)


def haze(log_density: Floats, side: int) -> Pixels:
    """Return ln p over a grid, (side²,), as a picture: nothing is paper, the densest full haze."""
    share = np.exp(log_density - log_density.max()) ** _GAMMA
    return mixed(PAPER, HAZE, share.reshape(side, side))


def dots(
    points: Floats,
    window: Window,
    ground: Pixels,
    colour: Colour,
    *,
    radius: float,
    ink: float = 1.0,
) -> Pixels:
    """Return `ground` (S, S, 3) with a dot of `radius` pixels at each of points: (B, 2)."""
    side, fine = len(ground), len(ground) * _FINER
    at = np.floor(window.pixels(points, fine)).astype(np.int64)
    reach = max(1, round(radius * _FINER))
    steps = np.arange(-reach, reach + 1)
    dx, dy = (each.ravel() for each in np.meshgrid(steps, steps))
    disc = dx * dx + dy * dy <= (radius * _FINER) ** 2 + 0.25
    across, down = at[:, :1] + dx[disc], at[:, 1:] + dy[disc]
    inside = (across >= 0) & (across < fine) & (down >= 0) & (down < fine)
    mask = np.zeros((fine, fine), np.float32)
    mask[down[inside], across[inside]] = 1
    share = mask.reshape(side, _FINER, side, _FINER).mean(axis=(1, 3)) * ink
    return mixed(ground, colour, share)


def mixed(under: Pixels | Colour, colour: Colour, share: Floats) -> Pixels:
    """Return pixels with `share` (H, W), from 0 to 1, of a colour over them."""
    below = np.asarray(under, np.float64)
    found = below + share[..., None] * (np.asarray(colour, np.float64) - below)
    return np.rint(found).astype(np.uint8)


def paper(side: int) -> Pixels:
    """Return an empty picture, (side, side, 3)."""
    return np.full((side, side, 3), PAPER, np.uint8)
