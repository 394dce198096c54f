"""A contact sheet: pictures in rows and columns with their names."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from studio.bundled import resource

_PAPER, _INK, _FAINT = "#121318", "#e7e9f0", "#8c92a4"
_GAP, _HEAD, _NAMES, _SIDE, _TEXT = 8, 28, 200, 128, 13


def contact_sheet(
    rows: Sequence[tuple[str, str]],
    columns: Sequence[str],
    pictures: Mapping[tuple[int, int], NDArray[np.uint8]],
) -> Image.Image:
    """Return a picture of pictures, (H, W, 3) uint8 by (row, column), with labelled axes.

    Small pictures are enlarged by whole numbers, so that their pixels stay crisp.
    """
    sizes = [picture.shape[:2] for picture in pictures.values()] or [(_SIDE, _SIDE)]
    high, wide = (max(sides) for sides in zip(*sizes, strict=True))
    scale = max(1, _SIDE // max(high, wide))
    across, down = wide * scale + _GAP, high * scale + _GAP
    size = (_NAMES + len(columns) * across + _GAP, _HEAD + len(rows) * down + _GAP)
    sheet = Image.new("RGB", size, _PAPER)
    draw, font = ImageDraw.Draw(sheet), _font()
    for j, text in enumerate(columns):
        middle = _NAMES + j * across + (across - _GAP) / 2
        draw.text((middle, _HEAD / 2), text, _FAINT, font, anchor="mm")
    for i, (name, note) in enumerate(rows):
        middle = _HEAD + i * down + (down - _GAP) / 2
        draw.text((_GAP, middle - 9), _cut(name, font), _INK, font, anchor="lm")
        draw.text((_GAP, middle + 9), _cut(note, font), _FAINT, font, anchor="lm")
    for (i, j), pixels in pictures.items():
        size = (pixels.shape[1] * scale, pixels.shape[0] * scale)
        picture = Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST)
        sheet.paste(picture, (_NAMES + j * across, _HEAD + i * down))
    return sheet


def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(resource("fonts", "Inter-Regular.otf"), _TEXT)


def _cut(text: str, font: ImageFont.FreeTypeFont) -> str:
    room = _NAMES - 2 * _GAP
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(f"{text}…") > room:
        text = text[:-1]
    return f"{text}…"
