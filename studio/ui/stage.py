"""What the canvas shows and where: the grid, its zoom and its place; no Qt."""

from __future__ import annotations

from dataclasses import replace

from studio.ui.grid import Grid, arrange
from studio.ui.viewport import Viewport, fitted, step_zoom


class Stage:
    """Keep a grid of pictures in an area of device pixels, fitted until it is zoomed."""

    def __init__(self) -> None:
        self.grid = Grid(1, 1, 1, 1)
        self.view = Viewport(1.0, 0.0, 0.0)
        self.fits = True
        self._area = (1.0, 1.0)
        self._margin = 0.0

    @property
    def area(self) -> tuple[float, float]:
        """Return the width and height of the area in device pixels."""
        return self._area

    def resize(self, width: float, height: float, margin: float) -> None:
        """Give the grid another area; a fitted one is arranged anew, a zoomed one keeps its centre.

        All in device pixels; `margin` stays free around a fitted grid.
        """
        middle = self.view.to_picture(self._area[0] / 2, self._area[1] / 2)
        self._area, self._margin = (max(1.0, width), max(1.0, height)), margin
        if self.fits:
            self._arrange(self.grid.count, self.grid.width, self.grid.height)
            return
        zoom = self.view.zoom
        x, y = (side / 2 - place * zoom for side, place in zip(self._area, middle, strict=True))
        self._hold(Viewport(zoom, x, y))

    def show(self, count: int, width: int, height: int) -> None:
        """Make room for `count` pictures of `width` x `height`; the same room keeps the zoom.

        Pictures of other sizes but the same shape, as previews are, stay where they are.
        """
        before = self.grid
        if (count, width, height) == (before.count, before.width, before.height):
            return
        same_shape = width * before.height == height * before.width
        if self.fits or count != before.count or not same_shape:
            self._arrange(count, width, height)
            return
        self.grid = Grid(count, width, height, before.columns)
        self._hold(replace(self.view, zoom=self.view.zoom * before.width / width))

    def fit(self) -> None:
        """Show the whole batch as large as it goes."""
        self._arrange(self.grid.count, self.grid.width, self.grid.height)

    def zoom_to(self, zoom: float, x: float, y: float) -> None:
        """Zoom to `zoom` device pixels per picture pixel; what is at (x, y) stays there."""
        self.fits = False
        self._hold(self.view.zoomed(zoom, x, y))

    def zoom_by(self, steps: int, x: float, y: float) -> None:
        """Zoom `steps` steps of the ladder in (or out, if negative) about (x, y)."""
        zoom = self.view.zoom
        for _ in range(abs(steps)):
            zoom = step_zoom(zoom, steps)
        self.zoom_to(zoom, x, y)

    def pan(self, dx: float, dy: float) -> None:
        """Drag the pictures by (dx, dy) device pixels."""
        self._hold(self.view.moved(dx, dy))

    def index_at(self, x: float, y: float) -> int | None:
        """Return the picture under the device pixel (x, y), or None."""
        return self.grid.index_at(*self.view.to_picture(x, y))

    def place(self, index: int) -> tuple[float, float, float, float]:
        """Return left, top, width and height of picture `index` in device pixels."""
        left, top = self.grid.corner(index)
        zoom = self.view.zoom
        x, y = self.view.x + left * zoom, self.view.y + top * zoom
        return x, y, self.grid.width * zoom, self.grid.height * zoom

    def _arrange(self, count: int, width: int, height: int) -> None:
        self.fits = True
        free = tuple(max(1.0, side - 2 * self._margin) for side in self._area)
        self.grid = arrange(count, width, height, (free[0], free[1]))
        self.view = fitted(self.grid, self._area, self._margin)

    def _hold(self, view: Viewport) -> None:
        self.view = view.held(self.grid, self._area, self._margin)
