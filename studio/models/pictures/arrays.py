"""Read a set of pictures from the arrays of an npz."""

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.models.errors import ModelError
from studio.models.pictures.blocks import Block
from studio.models.pictures.form import Form, shaped
from studio.models.pictures.npz import ArrayHeader, Npz
from studio.models.pictures.picture_set import (
    NO_CLASS,
    Bytes,
    Colour,
    Survey,
    flatten,
    parse_card,
)

PIXELS = ("rgba", "images", "pixels", "data", "x", "x_train", "arr_0")
LABELS = ("label", "labels", "y", "y_train", "arr_1")
NAMES = ("names", "classes")
_CHANNELS = (1, 3, 4)
_ARRAYS_LOOKED_AT = 64
_NAMES_LIMIT = 1 << 24
_CLASSES_LIMIT = 100_000
_AT_ONCE = 1024


class ArraySource:
    """Take the pictures, labels and class names from an npz.

    The pixels are the array called "rgba", "images" or "arr_0", or any other that can be: uint8
    (N, H, W, C), (N, C, H, W) or (N, H, W), with 1, 3 or 4 channels. The labels, one integer per
    picture, are called "label" or "labels" and the names of the classes "names".
    """

    encoded = False

    def __init__(self, npz: Npz) -> None:
        self.label, self.size = npz.label, npz.size
        self._npz = npz

    def survey(self) -> Survey:
        """Return what the headers and the labels tell; the pixels are not read.

        Raises:
            ModelError: there is no array of pictures, or the file is damaged or hostile.
        """
        pixels, classes = _find_pixels(self._npz), self.labels()[1]
        card, remarks = parse_card(self._npz.card())
        count, shape = pixels.shape[0], _picture_shape(pixels.shape)
        return Survey(count, shape, classes, self.size, card, remarks)

    def labels(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """Return the class of every picture, -1 for none, and the names of the classes.

        Raises:
            ModelError: there are not as many labels as pictures, or more than names.
        """
        return _read_labels(self._npz, _find_pixels(self._npz).shape[0])

    def blocks(self, form: Form, threads: int = 1) -> Generator[Block, None, None]:
        """Yield all of the pictures in their order, brought to a form.

        Raises:
            ModelError: there are fewer than the file says.
        """
        pixels, start = _find_pixels(self._npz), 0
        for images in self._npz.rows(pixels, _AT_ONCE):
            planar = _planar(images.astype(np.uint8, copy=False), form.background)
            size = planar.shape[3], planar.shape[2]
            numbers = np.arange(start, start + len(planar))
            yield Block(numbers, _shaped(planar, form), (size,) * len(planar))
            start += len(planar)

    def fingerprint(self) -> str:
        """Return a text that is another one when anything in the file has changed."""
        return self._npz.fingerprint()


def _shaped(planar: Bytes, form: Form) -> Bytes:
    """Return pictures (n, C, H, W) in a form."""
    width, height = form.size
    if planar.shape[2:] == (height, width):
        return planar
    out: Bytes = np.empty((*planar.shape[:2], height, width), np.uint8)
    for place, picture in zip(out, planar, strict=True):
        image = Image.fromarray(picture[0] if len(picture) == 1 else picture.transpose(1, 2, 0))
        pixels = np.asarray(shaped(image, form))
        place[:] = pixels if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    return out


def _find_pixels(npz: Npz) -> ArrayHeader:
    named = [name for name in PIXELS if name in npz.names]
    for name in named or npz.names[:_ARRAYS_LOOKED_AT]:
        header = npz.header(name)
        if header.dtype == np.uint8 and header.size and any(_picture_shape(header.shape)):
            return header
    raise ModelError(
        f"“{npz.label}” holds no pictures: it needs a uint8 array called “images” of the shape "
        "(pictures, height, width, channels) with 1, 3 or 4 channels."
    )


def _read_labels(npz: Npz, count: int) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    header = npz.find(*LABELS)
    if header is None:
        return np.full(count, NO_CLASS, np.int64), ()
    if header.shape != (count,) or header.dtype.kind not in "iu":
        raise ModelError(
            f"The labels in “{npz.label}” are {header.dtype} of the shape {header.shape}; one "
            f"integer for each of the {count:,} pictures is needed."
        )
    labels = npz.read(header).astype(np.int64).clip(min=NO_CLASS)
    names, highest = _read_names(npz), int(labels.max())
    if highest >= (len(names) or _CLASSES_LIMIT):
        raise ModelError(
            f"A label in “{npz.label}” is {highest}, but there are {len(names):,} class names."
        )
    return labels, names or tuple(map(str, range(highest + 1)))


def _read_names(npz: Npz) -> tuple[str, ...]:
    header = npz.find(*NAMES)
    if header is None:
        return ()
    if header.dtype.kind != "U" or len(header.shape) != 1 or header.size > _NAMES_LIMIT:
        raise ModelError(
            f"The class names in “{npz.label}” are {header.dtype} of the shape {header.shape}; "
            "a list of texts is needed."
        )
    return tuple(map(str, npz.read(header)))


def _picture_shape(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Return (C, H, W) of the pictures in an array, or zeros if it does not hold pictures."""
    match shape:
        case (_, height, width, channels) if channels in _CHANNELS:
            return min(channels, 3), height, width
        case (_, channels, height, width) if channels in _CHANNELS:
            return min(channels, 3), height, width
        case (_, height, width):
            return 1, height, width
    return 0, 0, 0


def _planar(images: Bytes, background: Colour) -> Bytes:
    """Return images of any known layout as (n, C, H, W), composited over a colour."""
    if images.ndim == 3:
        images = images[..., None]
    elif images.shape[-1] not in _CHANNELS:
        images = images.transpose(0, 2, 3, 1)
    return np.ascontiguousarray(flatten(images, background).transpose(0, 3, 1, 2))
