"""Decode pictures that may be damaged or hostile."""

import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from typing import IO, NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from studio.models.pictures.form import Form, shaped
from studio.models.pictures.picture_set import Bytes, Size, flatten

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
"""The decoders that may be used; the name of a file chooses none of them."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")
LARGEST_SIDE = 256
LARGEST_FILE = 64 << 20

# Everything that Pillow and zipfile are known to raise for pictures that are not sound.
_TROUBLE = (
    OSError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    Warning,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    Image.DecompressionBombError,
)

_CUT = ("truncated", "unexpected end", "not enough image data", "eof")


class BrokenPicture(ValueError):  # noqa: N818 - a fact about a picture, met with by leaving it out
    """Raised for a picture that cannot be decoded."""


class Decoded(NamedTuple):
    """Hold pixels: (H, W, 3) and the size that the picture had in its file."""

    pixels: Bytes
    size: Size


def read_size(file: IO[bytes]) -> Size:
    """Return (width, height) from the header of a picture.

    Raises:
        BrokenPicture: it is not a PNG, JPEG, WebP, BMP or GIF, or would be too large to decode.
    """
    try:
        with _opened(file) as image:
            return image.size
    except _TROUBLE as error:
        raise BrokenPicture(_reason(error)) from error


def read_pixels(file: IO[bytes], form: Form) -> Decoded:
    """Return a picture brought to a form; transparent pixels are composited over its background.

    Raises:
        BrokenPicture: it cannot be decoded.
    """
    try:
        with _opened(file) as image:
            original = image.size
            image.draft("RGB", form.size)  # a JPEG much larger than needed is decoded smaller
            picture = _colours(ImageOps.exif_transpose(image))
            return Decoded(flatten(np.asarray(shaped(picture, form)), form.background), original)
    except _TROUBLE as error:
        raise BrokenPicture(_reason(error)) from error


def common_size(sizes: Iterable[Size]) -> Size:
    """Return the one (width, height) that pictures of these sizes are brought to.

    Pictures of one size up to 256 pixels keep it. Others become squares: of the smaller side that
    is most common among them, the smallest of these at a tie, and at most 256.
    """
    sizes = list(sizes)
    if len(set(sizes)) == 1 and max(sizes[0]) <= LARGEST_SIDE:
        return sizes[0]
    sides = Counter(min(size) for size in sizes)
    most = max(sides.values())
    side = min(side for side, count in sides.items() if count == most)
    return (min(side, LARGEST_SIDE),) * 2


def _opened(file: IO[bytes]) -> Image.Image:
    image = Image.open(file, formats=FORMATS)
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and image.width * image.height > limit:
        image.close()
        raise BrokenPicture(f"{image.width}x{image.height} pixels are too many")
    return image


def _colours(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16-bit grey
        high = (np.asarray(image).astype(np.int64) >> 8).clip(0, 255)
        image = Image.fromarray(high.astype(np.uint8))
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _reason(error: BaseException) -> str:
    """Return in a few words why a picture cannot be decoded."""
    if isinstance(error, UnidentifiedImageError):
        return "no PNG, JPEG, WebP, BMP or GIF"
    text = str(error)
    if any(words in text.lower() for words in _CUT):
        return "cut short"
    return text if isinstance(error, BrokenPicture) else f"damaged ({text or type(error).__name__})"
