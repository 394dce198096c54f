"""Read plain arrays from an npz, each checked before memory is taken for it."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

from studio.models.errors import ModelError
from studio.models.pictures.album import read_card
from studio.models.pictures.archive import contents, open_member

_SUFFIX = ".npy"
_MAGIC = b"\x93NUMPY\x01\x00"
"""Version 1, whose header has at most 64 KiB; the header of the others can have 4 GiB."""

_START = len(_MAGIC) + 2
_HEADER = re.compile(
    rb"\{'descr': '([<>|=](?:b1|[iu][1248]|f[248]|U\d{1,6}))', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,12}, ?)*(?:\d{1,12})?)\),? ?\}\s*"
)
"""What numpy writes, taken literally; numpy itself would evaluate it as Python literals."""


@dataclass(frozen=True, slots=True)
class ArrayHeader:
    """What an array in an npz says about itself; its data begin at `offset`, in bytes."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    reversed: bool
    offset: int

    @property
    def size(self) -> int:
        """Return the size of the data in bytes."""
        return math.prod(self.shape) * self.dtype.itemsize


class Npz:
    """The arrays in an open npz, by name; `size` is in bytes. No pickled object is ever loaded."""

    def __init__(self, path: Path, archive: ZipFile) -> None:
        self.label = path.name
        self.size = path.stat().st_size
        self._archive = archive
        members = archive.namelist()
        self.names = tuple(name[: -len(_SUFFIX)] for name in members if name.endswith(_SUFFIX))

    def header(self, name: str) -> ArrayHeader:
        """Return the header of an array, checked against the size of its data.

        Raises:
            ModelError: it is damaged, or holds anything but numbers or texts.
        """
        member = name + _SUFFIX
        with open_member(self._archive, member) as file:
            start = file.read(_START)
            text = file.read(int.from_bytes(start[-2:], "little"))
        found = _HEADER.fullmatch(text) if start.startswith(_MAGIC) else None
        if found is None:
            raise self._error(name, "it is not a plain array of numbers or texts")
        kind, order, sizes = (part.decode() for part in found.groups())
        shape = tuple(int(size) for size in sizes.split(",") if size.strip())
        header = ArrayHeader(name, shape, np.dtype(kind), order == "True", len(start) + len(text))
        if header.offset + header.size != self._archive.getinfo(member).file_size:
            raise self._error(name, "its header does not fit its data")
        return header

    def find(self, *names: str) -> ArrayHeader | None:
        """Return the header of the first of these arrays that is there."""
        return next((self.header(name) for name in names if name in self.names), None)

    def read(self, header: ArrayHeader) -> NDArray[np.generic]:
        """Return the data of an array.

        Raises:
            ModelError: there is less than its header says.
        """
        with open_member(self._archive, header.name + _SUFFIX) as file:
            file.read(header.offset)
            data = file.read(header.size)
        if len(data) != header.size:
            raise self._cut_short()
        values = np.frombuffer(data, header.dtype)
        return values.reshape(header.shape, order="F" if header.reversed else "C")

    def rows(self, header: ArrayHeader, count: int) -> Iterator[NDArray[np.generic]]:
        """Yield the data of an array `count` rows at a time.

        Raises:
            ModelError: there is less than its header says.
        """
        total = header.shape[0]
        if header.reversed:  # rows do not lie together: all has to be read
            whole = self.read(header)
            yield from (whole[start : start + count] for start in range(0, total, count))
            return
        each = header.size // max(total, 1)
        with open_member(self._archive, header.name + _SUFFIX) as file:
            file.read(header.offset)
            for start in range(0, total, count):
                some = min(count, total - start)
                data = file.read(some * each)
                if len(data) != some * each:
                    raise self._cut_short()
                yield np.frombuffer(data, header.dtype).reshape(some, *header.shape[1:])

    def fingerprint(self) -> str:
        """Return a text that is another one when anything in the file has changed."""
        return contents(self._archive)

    def card(self) -> bytes | None:
        """Return the bytes of `card.json`, which stands in the archive beside the arrays."""
        return read_card(self._archive)

    def _cut_short(self) -> ModelError:
        return ModelError(f"“{self.label}” was cut short. Copy or download it again.")

    def _error(self, name: str, reason: str) -> ModelError:
        return ModelError(
            f"The array “{name}” in “{self.label}” cannot be read: {reason}. Save it again."
        )
