"""A contact sheet: pictures in rows and columns with their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from studio.bundled import resource

_PAPER, _INK, _FAINT = "#121318", "#e7e9f0", "#8c92a4"
_GAP, _HEAD, _NAMES, _SIDE, _TEXT, _LINE = 8, 28, 200, 128, 13, 20

Spot = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands below a picture: a text on a colour, marked where it is the best."""

    text: str
    color: str
    best: bool = False

    @property
    def ink(self) -> str:
        """Return the colour in which the text can be read."""
        red, green, blue = (int(self.color[i : i + 2], 16) for i in (1, 3, 5))
        light = 0.299 * red + 0.587 * green + 0.114 * blue > 140
        return _PAPER if light else _INK


def contact_sheet(
    rows: Sequence[tuple[str, str]],
    columns: Sequence[str],
    pictures: Mapping[Spot, NDArray[np.uint8]],
    captions: Mapping[Spot, Caption] | None = None,
    title: str = "",
) -> Image.Image:
    """Return a picture of pictures, (H, W, 3) uint8 by (row, column), with labelled axes.

    Small pictures are enlarged by whole numbers, so that their pixels stay crisp.
    """
    captions = captions or {}
    sizes = [picture.shape[:2] for picture in pictures.values()] or [(_SIDE, _SIDE)]
    high, wide = (max(sides) for sides in zip(*sizes, strict=True))
    scale = max(1, _SIDE // max(high, wide))
    below, head = (_LINE if captions else 0), _HEAD * (2 if title else 1)
    across, down = wide * scale + _GAP, high * scale + below + _GAP
    size = (_NAMES + len(columns) * across + _GAP, head + len(rows) * down + _GAP)
    sheet = Image.new("RGB", size, _PAPER)
    draw, font = ImageDraw.Draw(sheet), _font()
    draw.text((_GAP, _HEAD / 2), title, _INK, font, anchor="lm")
    for j, text in enumerate(columns):
        middle = _NAMES + j * across + (across - _GAP) / 2
        draw.text((middle, head - _HEAD / 2), text, _FAINT, font, anchor="mm")
    for i, (name, note) in enumerate(rows):
        middle = head + i * down + (down - _GAP) / 2
        draw.text((_GAP, middle - 9), _cut(name, font), _INK, font, anchor="lm")
        draw.text((_GAP, middle + 9), _cut(note, font), _FAINT, font, anchor="lm")
    for (i, j), pixels in pictures.items():
        size = (pixels.shape[1] * scale, pixels.shape[0] * scale)
        picture = Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST)
        sheet.paste(picture, (_NAMES + j * across, head + i * down))
    for (i, j), caption in captions.items():
        left, top = _NAMES + j * across, head + i * down + high * scale
        _write_caption(draw, (left, top, left + across - _GAP, top + below), caption, font)
    return sheet


def _write_caption(
    draw: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    caption: Caption,
    font: ImageFont.FreeTypeFont,
) -> None:
    left, top, right, bottom = box
    draw.rectangle((left, top, right - 1, bottom - 1), caption.color)
    text = f"best · {caption.text}" if caption.best else caption.text
    middle = ((left + right) / 2, (top + bottom) / 2)
    draw.text(middle, text, caption.ink, font, anchor="mm")


def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(resource("fonts", "Inter-Regular.otf"), _TEXT)


def _cut(text: str, font: ImageFont.FreeTypeFont) -> str:
    room = _NAMES - 2 * _GAP
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(f"{text}…") > room:
        text = text[:-1]
    return f"{text}…"
