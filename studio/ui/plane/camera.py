"""Which part of a plane a widget shows: plain arithmetic, no Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.library.plane import Floats, Window

STEP = 1.2
"""By what one notch of the wheel zooms."""

_NEAREST, _FARTHEST = 1e4, 1e-4  # zooms about the fitted one


@dataclass(frozen=True, slots=True)
class Camera:
    """Map a plane to logical pixels: `scale` (across, up) pixels a unit, (x, y) in the middle."""

    x: float
    y: float
    scale: tuple[float, float]
    area: tuple[float, float]

    @classmethod
    def fitted(cls, window: Window, area: tuple[float, float]) -> Camera:
        """Return the camera that shows all of a square window, undistorted."""
        scale = max(min(area), 1.0) / (2 * window.half)
        return cls(window.x, window.y, (scale, scale), area)

    @classmethod
    def stretched(cls, box: tuple[float, float, float, float], area: tuple[float, float]) -> Camera:
        """Return the camera whose edges are a box (left, bottom, right, top)."""
        left, bottom, right, top = box
        scale = (area[0] / max(right - left, 1e-9), area[1] / max(top - bottom, 1e-9))
        return cls((left + right) / 2, (bottom + top) / 2, scale, area)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return left, bottom, right and top of what is seen."""
        across, up = (side / 2 / scale for side, scale in zip(self.area, self.scale, strict=True))
        return self.x - across, self.y - up, self.x + across, self.y + up

    def pixels(self, points: Floats) -> Floats:
        """Return where points (..., 2) are seen, from the top left."""
        across = (points[..., 0] - self.x) * self.scale[0] + self.area[0] / 2
        down = (self.y - points[..., 1]) * self.scale[1] + self.area[1] / 2
        return np.stack([across, down], axis=-1)

    def at(self, px: float, py: float) -> tuple[float, float]:
        """Return the place of the plane under a pixel."""
        return (
            self.x + (px - self.area[0] / 2) / self.scale[0],
            self.y - (py - self.area[1] / 2) / self.scale[1],
        )

    def zoomed(self, factor: float, px: float, py: float) -> Camera:
        """Return the camera nearer by a factor, with the same place under the pixel (px, py)."""
        x, y = self.at(px, py)
        across, up = self.scale[0] * factor, self.scale[1] * factor
        near = Camera(0.0, 0.0, (across, up), self.area).at(px, py)
        return Camera(x - near[0], y - near[1], (across, up), self.area)

    def moved(self, dx: float, dy: float) -> Camera:
        """Return the camera after the plane was dragged by (dx, dy) pixels."""
        return Camera(
            self.x - dx / self.scale[0], self.y + dy / self.scale[1], self.scale, self.area
        )

    def within(self, area: tuple[float, float]) -> Camera:
        """Return the camera over another area, with the same middle and scale."""
        return Camera(self.x, self.y, self.scale, area)

    def allows(self, factor: float, fitted: Camera) -> bool:
        """Tell whether zooming by a factor stays within reason of the fitted camera."""
        return _FARTHEST < self.scale[0] * factor / fitted.scale[0] < _NEAREST

    def cells(self, side: float) -> tuple[Floats, int, int]:
        """Return the middles of cells `side` pixels wide, (rows * columns, 2), from the top."""
        columns, rows = (max(1, int(-(-length // side))) for length in self.area)
        left, bottom, right, top = self.box
        xs = left + (np.arange(columns) + 0.5) / columns * (right - left)
        ys = top - (np.arange(rows) + 0.5) / rows * (top - bottom)
        across, down = np.meshgrid(xs, ys)
        return np.stack([across.ravel(), down.ravel()], axis=1), rows, columns
