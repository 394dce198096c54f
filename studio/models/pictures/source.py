"""Recognise a stored set of pictures, look at it and read it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from studio.models.errors import ModelError
from studio.models.pictures.album import FolderAlbum, ZipAlbum, has_pictures, is_picture
from studio.models.pictures.archive import CONTENT_LIMIT, open_archive
from studio.models.pictures.arrays import ArraySource
from studio.models.pictures.blocks import Source
from studio.models.pictures.form import Form
from studio.models.pictures.lists import ListAlbum, is_list
from studio.models.pictures.npz import Npz
from studio.models.pictures.picture_set import PictureSet, Survey, check_room
from studio.models.pictures.reading import AlbumSource, about_sizes

_OTHER_MODELS = ("model_index.json", "config.json")
_NAMED = 3
_OWN_FILES, _OWN_BYTES = 50_000_000, 1 << 44


def holds_pictures(path: Path) -> bool:
    """Tell whether this is a folder of pictures, a zip of pictures or an npz.

    A zip that is damaged or hostile counts: reading it says what is wrong.
    """
    if path.is_dir():
        other = any((path / name).exists() for name in _OTHER_MODELS)
        return not other and has_pictures(path)
    if not _is_zip(path):
        return False
    try:
        with open_archive(path) as archive:
            return any(name.endswith(".npy") or is_picture(name) for name in archive.namelist())
    except ModelError:
        return True


def survey_pictures(path: Path) -> Survey:
    """Return what is known of a set without decoding it.

    Raises:
        ModelError: there are no pictures, or the archive is damaged or hostile.
    """
    with open_source(path) as source:
        return source.survey()


def read_pictures(path: Path) -> PictureSet:
    """Read a set into memory, in the size that most of its pictures have.

    Raises:
        ModelError: there are no pictures, they do not fit in memory, or the archive is damaged or
            hostile.
    """
    with open_source(path) as source:
        survey = source.survey()
        check_room(source.label, survey.count, survey.shape)
        channels, height, width = survey.shape
        pixels = np.empty((survey.count, channels, height, width), np.uint8)
        broken: list[str] = []
        kept: list[int] = []
        remarks = survey.remarks
        for block in source.blocks(Form((width, height), survey.card.background)):
            pixels[len(kept) : len(kept) + len(block.numbers)] = block.pixels
            kept += block.numbers.tolist()
            broken += [picture.name for picture in block.broken]
            if any(size != (width, height) for size in block.sizes):
                remarks = tuple(dict.fromkeys((*remarks, about_sizes((width, height)))))
        labels, classes = source.labels()
    remarks += (about_broken(broken),) if broken else ()
    found = pixels[: len(kept)], labels[kept]
    return PictureSet(*found, classes, source.size, survey.card, remarks)


def about_broken(names: Sequence[str]) -> str:
    """Return the remark that pictures were left out, which names some of them."""
    named = ", ".join(names[:_NAMED])
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    pictures = "picture was" if len(names) == 1 else "pictures were"
    return f"{len(names):,} broken {pictures} left out: {named}{more}."


@contextmanager
def open_source(path: Path, *, own: bool = False) -> Iterator[Source]:
    """Open a folder, a zip or an npz of pictures.

    own: it is somebody's own data and no file from elsewhere; it may be as large as it likes, and
    may be a list of pictures that lie anywhere.

    Raises:
        ModelError: it is damaged, hostile or too large.
    """
    if own and is_list(path):
        yield AlbumSource(ListAlbum(path))
        return
    if path.is_dir():
        yield AlbumSource(FolderAlbum(path, _OWN_FILES if own else None))
        return
    with open_archive(path, _OWN_BYTES if own else CONTENT_LIMIT) as archive:
        npz = Npz(path, archive)
        yield ArraySource(npz) if npz.names else AlbumSource(ZipAlbum(path, archive))


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in (b"PK\3\4", b"PK\5\6")
