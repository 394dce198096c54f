"""Gather the pictures of a source: into memory, or into a folder from where they are mapped."""

import contextlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from studio.atomic import write_through
from studio.models.pictures.blocks import Broken, Source
from studio.models.pictures.form import Form
from studio.models.pictures.picture_set import Bytes, Size

PIXELS, NUMBERS, FACTS = "pixels.npy", "numbers.npy", "facts.json"

Progress = Callable[[int, int], None]
"""Is told twice a second how many pictures have been looked at, and of how many."""

_INTERVAL_S = 0.5


def unheard(_done: int, _total: int) -> None:
    """Take in how far something is, for nobody."""


def paced(progress: Progress) -> Progress:
    """Return what may be told as often as one likes, and hands on some of it twice a second."""
    due = time.monotonic() + _INTERVAL_S

    def told(done: int, total: int) -> None:
        nonlocal due
        if time.monotonic() > due:
            progress(done, total)
            due = time.monotonic() + _INTERVAL_S

    return told


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """Hold pixels: (n, C, S, S), and the numbers of the pictures in their source: (n,).

    `sizes` counts the pictures by the size that they had; `broken` are those left out.
    """

    pixels: Bytes
    numbers: NDArray[np.int64]
    sizes: Counter[Size]
    broken: tuple[Broken, ...]


class Gathering:
    """What is to be gathered: a source, the form and the channels that its pictures are to have."""

    def __init__(self, source: Source, form: Form, count: int, channels: int) -> None:
        self._source, self._form, self._count = source, form, count
        width, height = form.size
        self._shape = channels, height, width

    @property
    def size(self) -> int:
        """Return the bytes that the pixels take."""
        return self._count * int(np.prod(self._shape))

    def into_memory(self, progress: Progress) -> Gathered:
        """Return the pictures.

        Raises:
            ModelError: none can be read.
        """
        pixels: Bytes = np.empty((self._count, *self._shape), np.uint8)
        end = 0

        def put(some: Bytes) -> None:
            nonlocal end
            pixels[end : end + len(some)] = some
            end += len(some)

        numbers, sizes, broken = self._collect(put, progress)
        return Gathered(pixels[:end], numbers, sizes, broken)

    def into_folder(self, folder: Path, progress: Progress) -> None:
        """Write the pictures to a folder, from where `gathered` takes them.

        Raises:
            ModelError: none can be read.
            OSError: the disk is full or the folder cannot be written.
        """
        with (folder / PIXELS).open("xb") as file:
            # Written, not mapped: on a full disk a mapped file would end the process.
            self._write_head(file, self._count)
            numbers, sizes, broken = self._collect(lambda some: file.write(some.data), progress)
            file.seek(0)
            self._write_head(file, len(numbers))
            file.flush()
            os.fsync(file.fileno())
        write_through(folder / NUMBERS, lambda file: npy.write_array(file, numbers))
        said = {"sizes": [[*size, n] for size, n in sizes.items()], "broken": broken}
        write_through(folder / FACTS, json.dumps(said).encode())

    def _collect(
        self, put: Callable[[Bytes], object], progress: Progress
    ) -> tuple[NDArray[np.int64], Counter[Size], tuple[Broken, ...]]:
        numbers: list[NDArray[np.int64]] = []
        sizes: Counter[Size] = Counter()
        broken: list[Broken] = []
        seen, told = 0, paced(progress)
        with contextlib.closing(self._source.blocks(self._form, _threads())) as blocks:
            for block in blocks:
                # Grey pictures become coloured ones by repetition.
                shape = len(block.pixels), *self._shape
                put(np.ascontiguousarray(np.broadcast_to(block.pixels, shape)))
                numbers.append(block.numbers)
                sizes.update(block.sizes)
                broken += block.broken
                seen += block.looked_at
                told(seen, self._count)
        return np.concatenate(numbers), sizes, tuple(broken)

    def _write_head(self, file: IO[bytes], count: int) -> None:
        # numpy leaves room in the head for a longer first axis: both heads are of one length.
        head = {"descr": "|u1", "fortran_order": False, "shape": (count, *self._shape)}
        npy.write_array_header_1_0(file, head)


def gathered(folder: Path) -> Gathered:
    """Return what was gathered into a folder, the pixels mapped from there.

    Raises:
        OSError: a file is not there.
        ValueError: a file is damaged.
    """
    said: Any = json.loads((folder / FACTS).read_bytes())
    # Copy on write: torch shares memory only with arrays that can be written to.
    pixels = np.load(folder / PIXELS, mmap_mode="c")
    numbers = np.load(folder / NUMBERS)
    if len(pixels) != len(numbers):
        raise ValueError("pixels and numbers do not go together")
    sizes = Counter({(width, height): count for width, height, count in said["sizes"]})
    return Gathered(pixels, numbers, sizes, tuple(Broken(*each) for each in said["broken"]))


def _threads() -> int:
    return max(1, min(16, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 4))
