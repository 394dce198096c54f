"""Zoom and pan over a grid: plain arithmetic in device pixels, no Qt."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from studio.ui.grid import Grid

_WHOLE = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64)
LADDER: tuple[float, ...] = (*(2 ** (-k / 2) for k in range(10, 0, -1)), *map(float, _WHOLE))
"""The zooms that the wheel steps through: half octaves below 1, whole numbers above."""

_NEAR = 1e-6


@dataclass(frozen=True, slots=True)
class Viewport:
    """Map picture pixels to device pixels: `zoom` times as large, the grid's corner at (x, y)."""

    zoom: float
    x: float
    y: float

    def to_picture(self, px: float, py: float) -> tuple[float, float]:
        """Return the picture pixel under the device pixel (px, py)."""
        return (px - self.x) / self.zoom, (py - self.y) / self.zoom

    def zoomed(self, zoom: float, px: float, py: float) -> Viewport:
        """Return the view at another zoom with the same picture pixel under (px, py)."""
        u, v = self.to_picture(px, py)
        return Viewport(zoom, px - u * zoom, py - v * zoom)

    def moved(self, dx: float, dy: float) -> Viewport:
        """Return the view dragged by (dx, dy) device pixels."""
        return Viewport(self.zoom, self.x + dx, self.y + dy)

    def held(self, grid: Grid, area: tuple[float, float], margin: float = 0.0) -> Viewport:
        """Return the view centred where the grid fits in `area`, else without an idle border.

        The corner comes to lie on a whole device pixel, `margin` at most inside the area.
        """
        wide, high = (side * self.zoom for side in grid.size)
        x = _hold(self.x, wide, area[0], margin)
        return Viewport(self.zoom, x, _hold(self.y, high, area[1], margin))


def fitted(grid: Grid, area: tuple[float, float], margin: float = 0.0) -> Viewport:
    """Return the view of the whole grid, as large as `Grid.fit` allows and centred."""
    zoom = grid.fit((area[0] - 2 * margin, area[1] - 2 * margin))
    return Viewport(zoom, 0.0, 0.0).held(grid, area, margin)


def step_zoom(zoom: float, direction: int) -> float:
    """Return the next zoom of the ladder above (`direction` > 0) or below `zoom`."""
    if direction > 0:
        return LADDER[min(bisect_right(LADDER, zoom + _NEAR), len(LADDER) - 1)]
    return LADDER[max(bisect_left(LADDER, zoom - _NEAR) - 1, 0)]


def _hold(offset: float, length: float, room: float, margin: float) -> float:
    if length <= room:
        return float(round((room - length) / 2))
    return float(round(min(margin, max(room - length - margin, offset))))
