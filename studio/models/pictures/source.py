"""Recognise a stored set of pictures, look at it and read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.models.errors import ModelError
from studio.models.pictures.album import (
    Album,
    FolderAlbum,
    ZipAlbum,
    has_pictures,
    is_picture,
)
from studio.models.pictures.archive import open_archive
from studio.models.pictures.arrays import read_arrays, survey_arrays
from studio.models.pictures.npz import Npz
from studio.models.pictures.picture_set import Colour, PictureSet, Size, Survey
from studio.models.pictures.reading import read_album, survey_album

_OTHER_MODELS = ("model_index.json", "config.json")


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
    with _open_source(path) as source:
        return survey_arrays(source) if isinstance(source, Npz) else survey_album(source)


def read_pictures(
    path: Path, size: Size | None = None, background: Colour | None = None
) -> PictureSet:
    """Read a set into memory.

    Encoded pictures are brought to `size`, (width, height); those of an npz keep theirs. None: the
    size that most of them have. `background` replaces the colour that the set gives itself.

    Raises:
        ModelError: there are no pictures, they do not fit in memory, or the archive is damaged or
            hostile.
    """
    with _open_source(path) as source:
        if isinstance(source, Npz):
            return read_arrays(source, background)
        return read_album(source, size, background)


@contextmanager
def _open_source(path: Path) -> Iterator[Album | Npz]:
    if path.is_dir():
        yield FolderAlbum(path)
        return
    with open_archive(path) as archive:
        npz = Npz(path, archive)
        yield npz if npz.names else ZipAlbum(path, archive)


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in (b"PK\3\4", b"PK\5\6")
