"""One picture of a film: the pictures of a step, what step it is, and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import ceil, log, sqrt

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from studio.bundled import resource

_PAPER, _INK, _FAINT, _LINE = "#121318", "#e7e9f0", "#8c92a4", "#5ad1c4"
_GAP, _WORDS, _PLOT, _TEXT = 4, 30, 96, 14
_LEAST = 256  # pixels that a film is wide at least, so that its words can be read

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Look:
    """What a film shows: how wide its pictures are together, and what is burnt in."""

    side: int = 512
    words: bool = True
    plot: bool = True


def scene(pictures: Pixels, words: str, way: Sequence[float], step: int, look: Look) -> Pixels:
    """Return a picture (H, W, 3) of even sides with pictures (B, H, W, 3) in rows and columns.

    They are enlarged by whole numbers where they are small, and reduced where they are large.
    `way` holds σ before each step and the last one, `step` is the one to mark, from 0.
    """
    grid = _grid(pictures, look.side)
    width = max(grid.width, _LEAST if look.words or look.plot else 0)
    height = grid.height + _WORDS * look.words + _PLOT * look.plot
    image = Image.new("RGB", (width + width % 2, height + height % 2), _PAPER)
    image.paste(grid, ((width - grid.width) // 2, 0))
    draw = ImageDraw.Draw(image)
    if look.words:
        place = (width / 2, grid.height + _WORDS / 2)
        draw.text(place, words, _INK, _font(), anchor="mm")
    if look.plot:
        _draw_way(draw, way, step, (8, height - _PLOT + 6, width - 8, height - 8))
    return np.asarray(image)


def _grid(pictures: Pixels, side: int) -> Image.Image:
    count, height, width = pictures.shape[:3]
    columns = min(count, max(1, ceil(sqrt(count * height / width))))
    rows = ceil(count / columns)
    grid = Image.new("RGB", (columns * width, rows * height), _PAPER)
    for place, pixels in enumerate(pictures):
        row, column = divmod(place, columns)
        grid.paste(Image.fromarray(pixels), (column * width, row * height))
    longest = max(grid.size)
    if longest <= side:
        scale = max(1, side // longest)
        size = (grid.width * scale, grid.height * scale)
        return grid.resize(size, Image.Resampling.NEAREST)
    size = (max(1, grid.width * side // longest), max(1, grid.height * side // longest))
    return grid.resize(size, Image.Resampling.LANCZOS)


def _draw_way(
    draw: ImageDraw.ImageDraw, way: Sequence[float], step: int, box: tuple[float, ...]
) -> None:
    """Draw ln σ against the step, bright up to the one that is marked."""
    above = [sigma for sigma in way if sigma > 0]
    if len(above) < 2:
        return
    left, top, right, bottom = box
    high, low = log(max(above)), log(min(above))
    across, down = (right - left) / (len(above) - 1), (bottom - top) / max(high - low, 1e-9)
    spots = [
        (left + place * across, top + (high - log(sigma)) * down)
        for place, sigma in enumerate(above)
    ]
    for place, (start, end) in enumerate(pairwise(spots)):
        draw.line((start, end), fill=_LINE if place < step else _FAINT, width=2)
    x, y = spots[min(step, len(spots) - 1)]
    draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=_INK)


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(resource("fonts", "JetBrainsMono-Regular.ttf"), _TEXT)
