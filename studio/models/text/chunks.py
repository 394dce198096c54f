"""The tokens of a prompt, in chunks as long as a text encoder reads at once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from studio.models.text.emphasis import Piece

MOST = 40
"""Chunks of a prompt; what comes after them is left out."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The tokens around those of a text, and how many a chunk has with them."""

    start: int
    end: int
    padding: int
    length: int

    @property
    def room(self) -> int:
        """Return how many tokens of a text fit into a chunk."""
        return self.length - 2


@dataclass(frozen=True, slots=True)
class Chunk:
    """As many tokens as the encoder reads at once, each with its weight; `used` are of the text."""

    tokens: tuple[int, ...]
    weights: tuple[float, ...]
    used: int = 0

    @property
    def weighted(self) -> bool:
        """Tell whether any token weighs more or less than the others."""
        return any(weight != 1 for weight in self.weights)


def chunks_of(
    groups: Iterable[Iterable[Piece]], numbers: Callable[[str], Sequence[int]], marks: Marks
) -> tuple[Chunk, ...]:
    """Return the chunks of the pieces of a prompt, each group in chunks of its own.

    numbers: gives the tokens of a text, without marks around them. An empty prompt is one chunk.
    """
    found: list[Chunk] = []
    for group in groups:
        weighed = [(token, piece.weight) for piece in group for token in numbers(piece.text)]
        starts = range(0, max(len(weighed), 1), marks.room)
        found += [_chunk(weighed[first : first + marks.room], marks) for first in starts]
    return tuple(found[:MOST])


def _chunk(weighed: Sequence[tuple[int, float]], marks: Marks) -> Chunk:
    filling = marks.room - len(weighed)
    return Chunk(
        (marks.start, *(t for t, _ in weighed), marks.end, *(marks.padding,) * filling),
        (1.0, *(w for _, w in weighed), 1.0, *(1.0,) * filling),
        len(weighed),
    )
