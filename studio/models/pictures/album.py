"""Where the pictures of a set come from: a folder or a zip of encoded files."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Protocol
from zipfile import BadZipFile, ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from studio.models.errors import ModelError
from studio.models.pictures.archive import contents, open_member
from studio.models.pictures.classes import LABELS, LABELS_LIMIT, labelled
from studio.models.pictures.decode import LARGEST_FILE, SUFFIXES, BrokenPicture

CARD = "card.json"
CARD_LIMIT = 1 << 16
FILES_LIMIT = 500_000


class Album(Protocol):
    """Named, encoded pictures. Names are sorted; those in one place use "/". `size` is in bytes."""

    label: str
    names: tuple[str, ...]
    size: int

    def classes(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """Return the class of every picture, -1 for none, and the names of the classes."""

    def open(self, name: str, /) -> IO[bytes]:
        """Return the file of a picture; raise BrokenPicture if it is too large."""

    def card(self) -> bytes | None:
        """Return the text of the set's `card.json`, if there is one of a sensible size."""

    def fingerprint(self) -> str:
        """Return a text that is another one when pictures have come, gone or changed."""


class FolderAlbum:
    """Find the pictures in a folder and its subfolders; links that lead out are not followed.

    Raises:
        ModelError: the folder holds more than `limit` files, 500,000 if nothing is said.
    """

    def __init__(self, folder: Path, limit: int | None = None) -> None:
        self.label = folder.name
        self._folder = folder
        self._found = dict(_scan(folder, limit or FILES_LIMIT))
        self.names = tuple(sorted(self._found))
        self.size = sum(stat.st_size for stat in self._found.values())

    def classes(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """Return the classes that `dataset.json` tells, or else the folders."""
        return labelled(self.names, _read_small(self._folder / LABELS, LABELS_LIMIT))

    def open(self, name: str, /) -> IO[bytes]:
        """Return the file of a picture."""
        path = self._folder / name
        if path.stat().st_size > LARGEST_FILE:
            raise BrokenPicture(f"more than {LARGEST_FILE >> 20} MiB")
        return path.open("rb")

    def card(self) -> bytes | None:
        """Return the bytes of `card.json` in the folder."""
        return _read_small(self._folder / CARD, CARD_LIMIT)

    def fingerprint(self) -> str:
        """Return the hash of names, sizes and times, and of what tells the classes."""
        told = _read_small(self._folder / LABELS, LABELS_LIMIT) or b""
        return fingerprint(self._found, told)


class ZipAlbum:
    """Find the pictures in an open archive."""

    def __init__(self, path: Path, archive: ZipFile) -> None:
        self.label = path.name
        self._archive = archive
        self._members = {m.filename: m for m in archive.infolist() if is_picture(m.filename)}
        self.names = tuple(sorted(self._members))
        self.size = path.stat().st_size

    def classes(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """Return the classes that `dataset.json` tells, or else the folders."""
        return labelled(self.names, _read_member(self._archive, LABELS, LABELS_LIMIT))

    def open(self, name: str, /) -> IO[bytes]:
        """Return the file of a picture."""
        member = self._members[name]
        if member.file_size > LARGEST_FILE:
            raise BrokenPicture(f"more than {LARGEST_FILE >> 20} MiB")
        try:
            return open_member(self._archive, member)
        except BadZipFile as error:
            raise BrokenPicture(str(error)) from error

    def card(self) -> bytes | None:
        """Return the bytes of `card.json` at the top of the archive."""
        return read_card(self._archive)

    def fingerprint(self) -> str:
        """Return the hash of names, sizes and checksums."""
        return contents(self._archive)


def has_pictures(folder: Path) -> bool:
    """Tell whether there is a picture in a folder or in a subfolder of it."""
    return next(_scan(folder, FILES_LIMIT), None) is not None


def is_picture(name: str) -> bool:
    """Tell whether a relative name looks like that of a picture, and no part of it is hidden."""
    hidden = name.startswith((".", "__MACOSX/")) or "/." in name
    return name.lower().endswith(SUFFIXES) and not hidden


def read_card(archive: ZipFile) -> bytes | None:
    """Return the bytes of `card.json` at the top of an archive, unless it is large."""
    return _read_member(archive, CARD, CARD_LIMIT)


def fingerprint(files: Mapping[str, os.stat_result], more: bytes) -> str:
    """Return the hash of the names, sizes and times of files, and of some bytes."""
    found = hashlib.sha256(more)
    for name in sorted(files):
        found.update(f"\n{name}\0{files[name].st_size}\0{files[name].st_mtime_ns}".encode())
    return found.hexdigest()


def _read_member(archive: ZipFile, name: str, limit: int) -> bytes | None:
    member: ZipInfo | None = archive.NameToInfo.get(name)
    if member is None or member.file_size > limit:
        return None
    with open_member(archive, member) as file:
        return file.read()


def _read_small(path: Path, limit: int) -> bytes | None:
    if not path.is_file() or path.is_symlink() or path.stat().st_size > limit:
        return None
    return path.read_bytes()


def _scan(root: Path, limit: int) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the relative name and the facts of every picture."""
    start = len(os.path.join(root, ""))  # noqa: PTH118 - it keeps the separator
    for entry in _entries(root, limit):
        name = entry.path[start:].replace(os.sep, "/")
        if is_picture(name) and _stays(entry, root):
            yield name, entry.stat()


def _entries(root: Path, limit: int) -> Iterator["os.DirEntry[str]"]:
    folders, seen = [str(root)], 0
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                seen += 1
                if seen > limit:
                    raise ModelError(
                        f"“{root}” holds more than {limit:,} files, too many to look "
                        "through. Choose a folder that holds the pictures only."
                    )
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    yield entry


def _stays(entry: "os.DirEntry[str]", root: Path) -> bool:
    """Tell whether this is a regular file, or a link to one that does not lead out of the root."""
    if not entry.is_symlink():
        return entry.is_file(follow_symlinks=False)
    target = Path(entry.path).resolve()
    return target.is_relative_to(root.resolve()) and target.is_file()
