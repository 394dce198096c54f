"""Turn an album of encoded pictures into a set of one size, with the folders as classes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studio.models.errors import ModelError
from studio.models.pictures.album import Album
from studio.models.pictures.decode import BrokenPicture, common_size, read_pixels, read_size
from studio.models.pictures.picture_set import (
    NO_CLASS,
    Colour,
    PictureSet,
    Size,
    Survey,
    check_room,
    parse_card,
)

SAMPLE = 64
"""How many headers, spread over the set, tell the size that all pictures are brought to."""

_NAMED = 3


def survey_album(album: Album) -> Survey:
    """Return what the names, and the headers of some pictures, tell.

    Raises:
        ModelError: there are no pictures that can be read.
    """
    (width, height), uniform = _target(album)
    card, remarks = parse_card(album.card())
    if not uniform:
        remarks += (_about_sizes(width, height),)
    classes = class_labels(album.names)[1]
    return Survey(len(album.names), (3, height, width), classes, album.size, card, remarks)


def read_album(
    album: Album, size: Size | None = None, background: Colour | None = None
) -> PictureSet:
    """Decode every picture; those that are broken are left out and named in the remarks.

    They are brought to `size`, (width, height), or the one that most have; what is transparent is
    composited over `background`, or the colour that the set gives itself.

    Raises:
        ModelError: there are no pictures that can be read, or they would not fit in memory.
    """
    (width, height), uniform = (size, True) if size else _target(album)
    card, remarks = parse_card(album.card())
    check_room(album.label, len(album.names), (3, height, width))
    pixels = np.empty((len(album.names), 3, height, width), np.uint8)
    kept: list[int] = []
    broken: list[str] = []
    for index, name in enumerate(album.names):
        try:
            with album.open(name) as file:
                picture = read_pixels(file, (width, height), background or card.background)
        except (BrokenPicture, OSError):
            broken.append(name)
            continue
        pixels[len(kept)] = picture.pixels.transpose(2, 0, 1)
        uniform &= picture.size == (width, height)
        kept.append(index)
    if not kept:
        raise _nothing_readable(album)
    labels, classes = class_labels(album.names)
    remarks += () if uniform else (_about_sizes(width, height),)
    remarks += (_about_broken(broken),) if broken else ()
    return PictureSet(pixels[: len(kept)], labels[kept], classes, album.size, card, remarks)


def class_labels(names: Sequence[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the class of every picture and the names of the classes, from relative names.

    A class is the outermost folder in which the names differ; a picture in no folder has none.
    """
    paths = [name.split("/") for name in names]
    outer = 0
    while len({path[outer] if len(path) > outer + 1 else None for path in paths}) == 1:
        if len(paths[0]) == outer + 1:
            return np.full(len(names), NO_CLASS, np.int64), ()
        outer += 1
    folders = [path[outer] if len(path) > outer + 1 else "" for path in paths]
    classes = tuple(sorted(set(folders) - {""}))
    index = {name: number for number, name in enumerate(classes)}
    return np.array([index.get(folder, NO_CLASS) for folder in folders], np.int64), classes


def _target(album: Album) -> tuple[Size, bool]:
    """Return the (width, height) to bring all to, and whether the sample has it already."""
    stride = max(1, len(album.names) // SAMPLE)
    sizes = []
    for name in album.names[::stride]:
        try:
            with album.open(name) as file:
                sizes.append(read_size(file))
        except (BrokenPicture, OSError):
            continue
    if not sizes:
        raise _nothing_readable(album)
    size = common_size(sizes)
    return size, set(sizes) == {size}


def _nothing_readable(album: Album) -> ModelError:
    return ModelError(
        f"None of the {len(album.names):,} pictures in “{album.label}” can be read. "
        "Take pictures that are sound PNG, JPEG, WebP, BMP or GIF files."
    )


def _about_sizes(width: int, height: int) -> str:
    return f"Pictures of other sizes are cut and scaled to {width}x{height}."


def _about_broken(names: list[str]) -> str:
    named = ", ".join(names[:_NAMED])
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    pictures = "picture was" if len(names) == 1 else "pictures were"
    return f"{len(names):,} broken {pictures} left out: {named}{more}."
