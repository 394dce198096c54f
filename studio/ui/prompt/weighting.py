"""Give words of a prompt more or less weight: “(word:1.2)”, as people write it."""

import re
from dataclasses import dataclass

STEP = 0.1
_MOST = 9.9
_WORD = re.compile(r"[^\s,()\[\]:]+")
_WEIGHTED = re.compile(r"\(([^()]*):\s*([0-9]*\.?[0-9]+)\s*\)")


@dataclass(frozen=True, slots=True)
class Weighted:
    """A text with a part of it chosen, from `start` to `end`."""

    text: str
    start: int
    end: int


def weighted(before: Weighted, change: float) -> Weighted:
    """Return the text in which what is chosen weighs more or less by `change`.

    Where nothing is chosen, it is the weighted part around the cursor, or the word there. A weight
    of 1 needs no brackets; what was chosen stays chosen without them.
    """
    for found in _WEIGHTED.finditer(before.text):
        if found.start() <= before.start and before.end <= found.end():
            return _put(before.text, found.span(), found[1], float(found[2]) + change)
    start, end = _trimmed(before.text, *_chosen(before))
    if start == end:
        return before
    return _put(before.text, (start, end), before.text[start:end], 1 + change)


def _chosen(before: Weighted) -> tuple[int, int]:
    if before.start < before.end:
        return before.start, before.end
    at, last = before.start, (before.start, before.start)
    for word in _WORD.finditer(before.text):
        if word.start() <= at <= word.end():
            return word.span()
        if word.end() < at and not before.text[word.end() : at].strip():
            last = word.span()  # there is only white space between it and the cursor
    return last


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the ends without the white space and the commas at them."""
    while start < end and (text[start].isspace() or text[start] == ","):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] == ","):
        end -= 1
    return start, end


def _put(text: str, span: tuple[int, int], words: str, weight: float) -> Weighted:
    weight = round(min(max(weight, 0.0), _MOST), 2)
    opening, closing = ("", "") if weight == 1 else ("(", f":{weight:g})")
    start = span[0] + len(opening)
    changed = f"{text[: span[0]]}{opening}{words}{closing}{text[span[1] :]}"
    return Weighted(changed, start, start + len(words))
