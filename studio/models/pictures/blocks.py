"""Pictures on their way out of a source, some at a time, so that no set has to fit in memory."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from studio.models.pictures.form import Form
from studio.models.pictures.picture_set import Bytes, Size, Survey


class Broken(NamedTuple):
    """Name a picture that was left out, and say why in a few words."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Hold some pictures of a source: pixels (n, C, H, W) and their `numbers` in the source (n,).

    `sizes` are those that they had; `broken` are those of this stretch that could not be decoded.
    """

    numbers: NDArray[np.int64]
    pixels: Bytes
    sizes: tuple[Size, ...]
    broken: tuple[Broken, ...] = ()

    @property
    def looked_at(self) -> int:
        """Return how many pictures of the source this stands for."""
        return len(self.numbers) + len(self.broken)


class Source(Protocol):
    """A stored set of pictures. `size` is in bytes on disk, before anything is unpacked."""

    label: str
    size: int
    encoded: bool

    def survey(self) -> Survey:
        """Return what is known without decoding; raise ModelError if there are no pictures."""

    def labels(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """Return the class of every picture, -1 for none, and the names of the classes."""

    def blocks(self, form: Form, threads: int = 1) -> Generator[Block, None, None]:
        """Yield all of the pictures in their order, brought to a form."""

    def fingerprint(self) -> str:
        """Return a text that is another one when the pictures or their classes have changed."""
