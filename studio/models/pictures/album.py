"""Where the pictures of a set come from: a folder or a zip of encoded files."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol
from zipfile import BadZipFile, ZipFile, ZipInfo

from studio.models.errors import ModelError
from studio.models.pictures.archive import open_member
from studio.models.pictures.decode import LARGEST_FILE, SUFFIXES, BrokenPicture

CARD = "card.json"
CARD_LIMIT = 1 << 16
FILES_LIMIT = 500_000


class Album(Protocol):
    """Named, encoded pictures. `names` are relative, with "/", and sorted; `size` is in bytes."""

    label: str
    names: tuple[str, ...]
    size: int

    def open(self, name: str, /) -> IO[bytes]:
        """Return the file of a picture; raise BrokenPicture if it is too large."""

    def card(self) -> bytes | None:
        """Return the text of the set's `card.json`, if there is one of a sensible size."""


class FolderAlbum:
    """Find the pictures in a folder and its subfolders; links that lead out are not followed.

    Raises:
        ModelError: the folder holds more than 500,000 files.
    """

    def __init__(self, folder: Path) -> None:
        self.label = folder.name
        self._folder = folder
        found = dict(_scan(folder))
        self.names = tuple(sorted(found))
        self.size = sum(found.values())

    def open(self, name: str, /) -> IO[bytes]:
        """Return the file of a picture."""
        path = self._folder / name
        if path.stat().st_size > LARGEST_FILE:
            raise BrokenPicture(f"more than {LARGEST_FILE >> 20} MiB")
        return path.open("rb")

    def card(self) -> bytes | None:
        """Return the bytes of `card.json` in the folder."""
        path = self._folder / CARD
        if not path.is_file() or path.is_symlink() or path.stat().st_size > CARD_LIMIT:
            return None
        return path.read_bytes()


class ZipAlbum:
    """Find the pictures in an open archive."""

    def __init__(self, path: Path, archive: ZipFile) -> None:
        self.label = path.name
        self._archive = archive
        self._members = {m.filename: m for m in archive.infolist() if is_picture(m.filename)}
        self.names = tuple(sorted(self._members))
        self.size = path.stat().st_size

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


def has_pictures(folder: Path) -> bool:
    """Tell whether there is a picture in a folder or in a subfolder of it."""
    return next(_scan(folder), None) is not None


def is_picture(name: str) -> bool:
    """Tell whether a relative name looks like that of a picture, and no part of it is hidden."""
    hidden = name.startswith((".", "__MACOSX/")) or "/." in name
    return name.lower().endswith(SUFFIXES) and not hidden


def read_card(archive: ZipFile) -> bytes | None:
    """Return the bytes of `card.json` at the top of an archive, unless it is large."""
    member: ZipInfo | None = archive.NameToInfo.get(CARD)
    if member is None or member.file_size > CARD_LIMIT:
        return None
    with open_member(archive, member) as file:
        return file.read()


def _scan(root: Path) -> Iterator[tuple[str, int]]:
    """Yield the relative name and the size in bytes of every picture."""
    start = len(os.path.join(root, ""))  # noqa: PTH118 - it keeps the separator
    for entry in _entries(root):
        name = entry.path[start:].replace(os.sep, "/")
        if is_picture(name) and _stays(entry, root):
            yield name, entry.stat().st_size


def _entries(root: Path) -> Iterator["os.DirEntry[str]"]:
    folders, seen = [str(root)], 0
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                seen += 1
                if seen > FILES_LIMIT:
                    raise ModelError(
                        f"“{root}” holds more than {FILES_LIMIT:,} files, too many to look "
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
