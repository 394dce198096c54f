"""A trajectory as one picture: a row for each picture of the batch, a column for each step."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from studio.bundled import resource

_PAPER, _INK, _FAINT = "#121318", "#e7e9f0", "#8c92a4"
_GAP, _TEXT = 4, 12
_SIDES = 96, 256  # small pictures are enlarged to about the first, large ones reduced to the second
MOST_PIXELS = 60_000_000


def strip(
    batches: Iterator[NDArray[np.uint8]],
    sigmas: Sequence[float],
    names: Sequence[str],
    *,
    words: bool = True,
) -> Image.Image:
    """Return the filmstrip of `batches`, one (B, H, W, 3) uint8 for each of `sigmas`.

    `names` are those of the B rows. Small pictures are enlarged by whole numbers, so that their
    pixels stay crisp; very many of them are made smaller, so that the strip stays a file to open.
    """
    first = next(batches)
    high, wide = first.shape[1:3]
    width, height = _cell(wide, high, len(sigmas) * len(names))
    font = ImageFont.truetype(resource("fonts", "JetBrainsMono-Regular.ttf"), _TEXT)
    labels = [f"σ {sigma:.3g}" for sigma in sigmas]
    across = width + _GAP
    left = round(max(map(font.getlength, names))) + 3 * _GAP if words else _GAP
    top = _TEXT * 2 + _GAP if words else _GAP
    size = (left + len(sigmas) * across, top + len(names) * (height + _GAP))
    sheet = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(sheet)
    every = -(-round(max(map(font.getlength, labels)) + _GAP) // across)  # labels never touch
    for column, batch in enumerate(_chained(first, batches)):
        x = left + column * across
        if words and column % every == 0:
            draw.text((x, top / 2), labels[column], _FAINT, font, anchor="lm")
        for row, pixels in enumerate(batch):
            cell = Image.fromarray(pixels).resize((width, height), _filter(width, wide))
            sheet.paste(cell, (x, top + row * (height + _GAP)))
    if words:
        for row, name in enumerate(names):
            middle = top + row * (height + _GAP) + height / 2
            draw.text((_GAP, middle), name, _INK, font, anchor="lm")
    return sheet


def _cell(wide: int, high: int, count: int) -> tuple[int, int]:
    """Return the size of one of `count` pictures in the strip."""
    side = max(wide, high)
    most = min(_SIDES[1], (MOST_PIXELS / count) ** 0.5)
    scale: float = max(1, _SIDES[0] // side)
    while scale > 1 and side * scale > most:
        scale -= 1
    if side * scale > most:
        scale = most / side
    return max(1, round(wide * scale)), max(1, round(high * scale))


def _filter(shown: int, pixels: int) -> Image.Resampling:
    return Image.Resampling.NEAREST if shown >= pixels else Image.Resampling.BOX


def _chained(
    first: NDArray[np.uint8], others: Iterator[NDArray[np.uint8]]
) -> Iterator[NDArray[np.uint8]]:
    yield first
    yield from others
