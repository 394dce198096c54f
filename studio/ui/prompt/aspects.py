"""Usual shapes of pictures, of about the area that a model was trained on."""

import math
from collections.abc import Iterator

from studio.engine.sizes import nearest_side

_SHAPES = (
    ("Square", 1.0),
    ("Landscape 4 : 3", 4 / 3),
    ("Landscape 3 : 2", 3 / 2),
    ("Wide 16 : 9", 16 / 9),
    ("Portrait 3 : 4", 3 / 4),
    ("Portrait 2 : 3", 2 / 3),
    ("Tall 9 : 16", 9 / 16),
)


def aspects(own: tuple[int, int], multiple: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the name and the (width, height) of each shape, the model's own size first.

    Sides are multiples, and the area is about that of `own`, (width, height).
    """
    yield "The model's own", own
    area, seen = own[0] * own[1], {own}
    for words, ratio in _SHAPES:
        sides = (math.sqrt(area * ratio), math.sqrt(area / ratio))
        size = (_side(sides[0], multiple), _side(sides[1], multiple))
        if size not in seen:
            seen.add(size)
            yield words, size


def _side(side: float, multiple: int) -> int:
    return nearest_side(round(side), multiple)
