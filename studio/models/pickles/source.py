"""Read the parts of a pickle from a file, each within bounds."""

import os
from typing import IO

from studio.models.pickles.errors import DamagedError, PickleError
from studio.models.pickles.values import Bytes

TEXT_LIMIT = 4 << 20
"""Bytes of one text, number or name; the longest in published models is a module of code."""

KEPT_LIMIT = 64 << 10
"""Bytes up to which raw bytes are kept; of longer ones only the place is."""

TOTAL_LIMIT = 256 << 20
"""Bytes of memory that the texts and copies of one file may take."""


class Source:
    """A file that is read once from front to back, between two places."""

    def __init__(self, file: IO[bytes], start: int = 0, end: int | None = None) -> None:
        self.file = file
        self.end = file.seek(0, os.SEEK_END) if end is None else end
        self.kept = 0
        self.steps = 0
        self.seek(start)

    def part(self, start: int, length: int) -> "Source":
        """Return a part of the file as one of its own, with what is left of the bounds."""
        part = Source(self.file, start, start + length)
        part.kept, part.steps = self.kept, self.steps
        return part

    def seek(self, place: int) -> None:
        """Go to a place."""
        self.place = self.file.seek(place)

    def code(self) -> bytes:
        """Return the next byte."""
        if self.place >= self.end:
            raise DamagedError("it ends too early, as if cut short")
        self.place += 1
        return self.file.read(1)

    def take(self, length: int) -> bytes:
        """Return so many bytes.

        Raises:
            PickleError: there are fewer, or they are more than a model has any use for.
        """
        if length > TEXT_LIMIT:
            raise PickleError(f"it holds a text or number of {length / 1e6:,.0f} MB")
        if self.place + length > self.end:
            raise DamagedError("it ends too early, as if cut short")
        data = self.file.read(length)
        self.place += length
        if len(data) != length:
            raise DamagedError("it ends too early, as if cut short")
        self.keep(length)
        return data

    def line(self) -> bytes:
        """Return what comes before the next line break."""
        data = self.file.readline(min(TEXT_LIMIT, self.end - self.place))
        self.place += len(data)
        if not data.endswith(b"\n"):
            raise DamagedError("it ends too early, or in a line without an end")
        self.keep(len(data))
        return data[:-1]

    def raw(self, length: int) -> Bytes:
        """Return so many raw bytes, or only their place if they are many."""
        start = self.place
        if length <= KEPT_LIMIT:
            return Bytes(start, length, self.take(length))
        if start + length > self.end:
            raise DamagedError("it ends too early, as if cut short")
        self.seek(start + length)
        return Bytes(start, length, None)

    def keep(self, length: int) -> None:
        """Count bytes of memory that are needed."""
        self.kept += length
        if self.kept > TOTAL_LIMIT:
            raise PickleError(f"reading it would take more than {TOTAL_LIMIT >> 20} MB of memory")
