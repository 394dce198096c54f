"""Bring pictures to one size."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from PIL import Image

from studio.models.pictures.picture_set import Colour, Size

Fit: TypeAlias = Literal["cut", "pad", "stretch"]


@dataclass(frozen=True, slots=True)
class Form:
    """What pictures become: of `size`, (width, height), with `background` where transparent.

    fit: "cut" takes the middle of a picture of other proportions, "pad" all of it with the
    background at its sides, and "stretch" distorts it. smooth: scale by Lanczos' filter; otherwise
    the nearest pixel is taken, as pixel art wants it.
    """

    size: Size
    background: Colour
    fit: Fit = "cut"
    smooth: bool = True


def shaped(image: Image.Image, form: Form) -> Image.Image:
    """Return a picture in the form; one of that size already keeps its pixels."""
    if image.size == form.size:
        return image
    if form.fit == "pad":
        return _padded(image, form)
    return _scaled(_middle(image, form.size) if form.fit == "cut" else image, form.size, form)


def _middle(image: Image.Image, size: Size) -> Image.Image:
    """Return the largest part around the middle that has the proportions of `size`."""
    # ImageOps.fit would let pixels from beyond the cut shine in.
    width, height = size
    scale = min(image.width / width, image.height / height)
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (image.width - across) // 2, (image.height - down) // 2
    return image.crop((left, top, left + across, top + down))


def _padded(image: Image.Image, form: Form) -> Image.Image:
    width, height = form.size
    scale = min(width / image.width, height / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    canvas = Image.new("RGB", form.size, form.background).convert(image.mode)
    if image.mode == "RGBA":
        canvas.putalpha(0)
    canvas.paste(_scaled(image, size, form), ((width - size[0]) // 2, (height - size[1]) // 2))
    return canvas


def _scaled(image: Image.Image, size: Size, form: Form) -> Image.Image:
    kind = Image.Resampling.LANCZOS if form.smooth else Image.Resampling.NEAREST
    return image.resize(size, kind)
