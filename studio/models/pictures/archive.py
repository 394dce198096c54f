"""Open zip archives that may be hostile; nothing is ever extracted to disk."""

import hashlib
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from studio.models.errors import ModelError

DIRECTORY_LIMIT = 12 << 20
"""Bytes of the table of contents: some 150,000 files, and two seconds at most to read it."""

CONTENT_LIMIT = 8 << 30
RATIO_LIMIT = 200
RATIO_EXEMPT = 8 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED_OR_PATCHED = 0x61

# What zipfile raises besides BadZipFile when the fields of an archive contradict each other.
_DAMAGE = (ValueError, OverflowError, NotImplementedError, RuntimeError, struct.error, zlib.error)


@contextmanager
def open_archive(path: Path, limit: int = CONTENT_LIMIT) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive whose table of contents has been found harmless.

    limit: how many bytes it may unpack to.

    Raises:
        ModelError: it is damaged, encrypted, too large, or made to do harm.
    """
    try:
        with _Bounded(io.FileIO(path)) as file, _listed(file, limit) as archive:
            yield archive
    except _HarmError as error:
        raise ModelError(
            f"“{path.name}” was not opened: {error}. Pack the pictures again."
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ModelError(
            f"“{path.name}” is a damaged archive ({error}). Copy or download it again."
        ) from error


def open_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo | str) -> IO[bytes]:
    """Open a file in an archive.

    Raises:
        BadZipFile: it is damaged.
    """
    try:
        return archive.open(member)
    except _DAMAGE as error:
        raise zipfile.BadZipFile(str(error)) from error


def contents(archive: zipfile.ZipFile) -> str:
    """Return the hash of the names, sizes and checksums in an archive."""
    lines = (f"{m.filename}\0{m.file_size}\0{m.CRC}" for m in archive.infolist())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class _HarmError(Exception):
    """Says in half a sentence what makes an archive unfit to be opened."""


class _Bounded(io.BufferedReader):
    """A file that refuses to be read in one piece of more than DIRECTORY_LIMIT bytes.

    `zipfile` reads the table of contents in one piece before anything can be checked.
    """

    bounded = True

    def read(self, size: int | None = -1, /) -> bytes:
        if self.bounded:
            length = _remaining(self) if size is None or size < 0 else size
            if length > DIRECTORY_LIMIT:
                raise _HarmError(f"its list of files takes {length / 1e6:,.0f} MB")
        return super().read(size)


def _listed(file: _Bounded, limit: int) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGE as error:
        raise zipfile.BadZipFile(str(error)) from error
    file.bounded = False
    members = archive.infolist()
    if any(member.header_offset < 0 for member in members):
        raise zipfile.BadZipFile("its list of files points outside of it")
    _check(members, limit)
    return archive


def _remaining(file: io.BufferedReader) -> int:
    here = file.tell()
    end = file.seek(0, io.SEEK_END)
    file.seek(here)
    return end - here


def _check(members: list[zipfile.ZipInfo], limit: int) -> None:
    if sum(member.file_size for member in members) > limit:
        raise _HarmError(f"it unpacks to more than {limit >> 30:,} GiB")
    for member in members:
        _check_member(member)


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.filename
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or parts[0].endswith(":"):
        raise _HarmError(f"the name “{name[:80]}” in it leads out of the archive")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise _HarmError(f"“{name[:80]}” in it is a link")
    if member.flag_bits & _ENCRYPTED_OR_PATCHED or member.compress_type not in _METHODS:
        raise _HarmError(f"“{name[:80]}” in it is encrypted or packed in an unusual way")
    ratio = member.file_size / max(member.compress_size, 1)
    if member.file_size > RATIO_EXEMPT and ratio > RATIO_LIMIT:
        raise _HarmError(f"“{name[:80]}” in it unpacks to {ratio:,.0f} times its size")
