"""Break a line of figures where its separators are, and a long part between its words."""

from __future__ import annotations

from collections.abc import Callable

SEPARATOR = " · "


def wrap(text: str, room: float, most: int, width_of: Callable[[str], float]) -> list[str]:
    """Return `text` in at most `most` lines no wider than `room`, broken at " · ".

    A single part that is too wide is broken between its words. What does not fit in the last line
    is left as it is: the caller elides it. An empty text has no lines.
    """
    lines: list[str] = []
    for part in filter(None, text.split(SEPARATOR)):
        longer = SEPARATOR.join((lines[-1], part)) if lines else part
        if lines and (len(lines) == most or width_of(longer) <= room):
            lines[-1] = longer
        else:
            lines += _words(part, room, most - len(lines), width_of)
    return lines[:most]


def _words(part: str, room: float, most: int, width_of: Callable[[str], float]) -> list[str]:
    lines: list[str] = []
    for word in part.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (len(lines) >= most or width_of(longer) <= room):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
