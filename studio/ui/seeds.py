"""Read and write the seeds of a set of pictures as text: “5”, “5-20”, “5, 9, 12-20”."""

import re
from itertools import pairwise

RANDOM = "-1"
MOST_PICTURES = 4096
MOST_SEED = 2**64 - 1

_PART = re.compile(r"(\d+)(?:\s*(?:-|–|—|…|\.\.\.?|to)\s*(\d+))?")


class SeedTextError(ValueError):
    """Say why a text is not a list of seeds."""


def parse_seeds(text: str, images: int = 1, most: int = MOST_PICTURES) -> tuple[int, ...]:
    """Return the seeds that `text` names; one number alone starts a run of `images` seeds.

    Raises SeedTextError for text that is no list of seeds, and for more than `most` of them.
    """
    parts = [part for part in re.split(r"[,;]", text) if part.strip()]
    if not parts:
        raise SeedTextError("A seed is missing. Type a number, or a list such as 5, 9, 12-20.")
    ranges = [_range(part.strip(), most) for part in parts]
    if len(ranges) == 1 and len(ranges[0]) == 1:
        first = ranges[0].start
        ranges = [_checked(first, first + images - 1, most)]
    count = sum(map(len, ranges))
    if count > most:
        raise SeedTextError(
            f"These are {count:,} seeds; at most {most:,} pictures are made at a time."
        )
    return tuple(seed for seeds in ranges for seed in seeds)


def format_seeds(seeds: tuple[int, ...]) -> str:
    """Return the text to edit, which `parse_seeds` turns back into the same seeds."""
    text = ", ".join(_range_text(first, last) for first, last in _runs(seeds))
    return text if len(seeds) != 1 else str(seeds[0])


def short_seeds(seeds: tuple[int, ...]) -> str:
    """Return the text to look at: “5 … 20” for a run, the list for anything else."""
    runs = _runs(seeds)
    if len(runs) == 1 and len(seeds) > 1:
        return f"{seeds[0]} … {seeds[-1]}"
    return ", ".join(_range_text(first, last, "–") for first, last in runs)


def resize_seeds(seeds: tuple[int, ...], images: int) -> tuple[int, ...]:
    """Return `images` seeds: the first of them, or all and then counting on from the last."""
    missing = images - len(seeds)
    start = seeds[-1] + 1 if seeds else 0
    if start + missing > MOST_SEED:
        start = 0
    return seeds[:images] + tuple(range(start, start + missing))


def _range(part: str, most: int) -> range:
    match = _PART.fullmatch(part)
    if match is None:
        raise SeedTextError(
            f"“{part}” is not a seed. Type a number from 0, or a list such as 5, 9, 12-20."
        )
    first = _number(match[1])
    last = _number(match[2]) if match[2] else first
    if last < first:
        raise SeedTextError(f"“{part}” runs backwards. Write {last}-{first}.")
    return _checked(first, last, most)


def _number(digits: str) -> int:
    if len(digits.lstrip("0")) > len(str(MOST_SEED)):
        raise SeedTextError(f"The seed {digits[:12]}… is too large; the largest is {MOST_SEED}.")
    return int(digits)


def _checked(first: int, last: int, most: int) -> range:
    if last > MOST_SEED:
        raise SeedTextError(f"The seed {last} is too large; the largest is {MOST_SEED}.")
    if last - first >= most:
        raise SeedTextError(
            f"{first}-{last} is {last - first + 1:,} seeds; "
            f"at most {most:,} pictures are made at a time."
        )
    return range(first, last + 1)


def _runs(seeds: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return the first and last seed of each run of consecutive ones."""
    if not seeds:
        return []
    breaks = [i for i, (a, b) in enumerate(pairwise(seeds), 1) if b != a + 1]
    starts, stops = [0, *breaks], [*breaks, len(seeds)]
    return [(seeds[a], seeds[b - 1]) for a, b in zip(starts, stops, strict=True)]


def _range_text(first: int, last: int, dash: str = "-") -> str:
    if first == last:
        return str(first)
    return f"{first}, {last}" if last == first + 1 else f"{first}{dash}{last}"
