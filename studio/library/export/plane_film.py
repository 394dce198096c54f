"""The steps of points in the plane as pictures of a film: their paths over the density."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from studio.library import plane
from studio.library.plane import Floats, Pixels, Window
from studio.library.track import Track

_FINER = 2  # the film is drawn so much larger, then reduced

Ground = Callable[[Floats, float], Floats]
"""Return ln p(x; σ), (N,), of points (N, 2) in the plane at a σ."""

_UNIT = Window(0.0, 0.0, 3.6)  # of noise


class PlaneFilm:
    """Draw one picture of `side` pixels for each step; noisy points are shrunk to σ_data.

    `ground` may be None, where the model is not here; `lit` is the point to follow.
    """

    def __init__(
        self,
        track: Track,
        window: Window,
        sigma_data: float,
        side: int,
        *,
        ground: Ground | None = None,
        lit: int | None = None,
    ) -> None:
        self._track, self._window, self._sigma_data = track, window, sigma_data
        self._side, self._ground, self._lit = side, ground, lit

    def picture(self, step: int, view: str) -> Pixels:
        """Return (side, side, 3) of a step: x, x̂₀ with its lines, ε or the change of x̂₀."""
        draw = {"x": self._plain, "eps": self._noise, "delta": self._change}
        large = draw.get(view, self._full)(step)
        small = large.resize((self._side, self._side), Image.Resampling.LANCZOS)
        return np.asarray(small)

    def _plain(self, step: int) -> Image.Image:
        image = self._paper(step)
        pen = ImageDraw.Draw(image, "RGBA")
        states = self._track.states(self._track.reach(step), self._sigma_data)
        places = self._place(states, self._window)
        if len(places) > 1:
            faint = (*plane.NOISE, 150 if places.shape[1] <= 64 else 70)
            for point in range(places.shape[1]):
                pen.line(list(map(tuple, places[:, point])), fill=faint, width=_FINER)
        if self._lit is not None and len(places) > 1:
            lit = list(map(tuple, places[:, self._lit]))
            pen.line(lit, fill=plane.BRIGHT, width=2 * _FINER)
        self._dot(pen, places[-1], plane.NOISE)
        return image

    def _full(self, step: int) -> Image.Image:
        image = self._plain(step)
        pen = ImageDraw.Draw(image, "RGBA")
        states = self._track.states(self._track.reach(step), self._sigma_data)
        starts = self._place(states[-1], self._window)
        ends = self._place(self._track.estimates(step), self._window)
        for start, end in zip(starts, ends, strict=True):
            pen.line([tuple(start), tuple(end)], fill=(*plane.ESTIMATE, 50), width=_FINER)
        self._dot(pen, ends, plane.ESTIMATE)
        return image

    def _noise(self, step: int) -> Image.Image:
        image = self._blank()
        pen = ImageDraw.Draw(image, "RGBA")
        for radius in (1, 2, 3):
            box = self._place(np.array([[-radius, radius], [radius, -radius]]), _UNIT)
            pen.ellipse([tuple(box[0]), tuple(box[1])], outline=(*plane.FAINT, 110), width=_FINER)
        self._dot(pen, self._place(self._track.noise(step), _UNIT), plane.NOISE)
        return image

    def _change(self, step: int) -> Image.Image:
        image = self._paper(step)
        pen = ImageDraw.Draw(image, "RGBA")
        now = self._place(self._track.estimates(step), self._window)
        before = self._place(self._track.estimates(max(step - 1, 0)), self._window)
        for start, end in zip(before, now, strict=True):
            pen.line([tuple(start), tuple(end)], fill=(*plane.ESTIMATE, 160), width=_FINER)
        self._dot(pen, now, plane.ESTIMATE)
        return image

    def _dot(self, pen: ImageDraw.ImageDraw, places: Floats, colour: plane.Colour) -> None:
        base = 3.2 if len(places) <= 64 else 1.8
        for index, (x, y) in enumerate(places):
            bright = index == self._lit
            r = base * _FINER * self._side / 512 * (1.6 if bright else 1)
            pen.ellipse((x - r, y - r, x + r, y + r), fill=plane.BRIGHT if bright else colour)

    def _paper(self, step: int) -> Image.Image:
        """Return the density of the noisy data at the step's σ."""
        if self._ground is None:
            return self._blank()
        cells, sigma = 128, self._track.sigma(step)
        grid = self._window.grid(cells) / plane.shrink(sigma, self._sigma_data)
        blur = max(sigma, 2 * self._window.half / cells)
        small = Image.fromarray(plane.haze(self._ground(grid, blur), cells))
        return small.resize((self._side * _FINER,) * 2, Image.Resampling.BICUBIC)

    def _blank(self) -> Image.Image:
        return Image.new("RGB", (self._side * _FINER,) * 2, plane.PAPER)

    def _place(self, points: Floats, window: Window) -> Floats:
        return window.pixels(points, self._side * _FINER)
