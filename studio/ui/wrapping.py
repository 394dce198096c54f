"""Break a line of figures where its separators are."""

from __future__ import annotations

from collections.abc import Callable

SEPARATOR = " · "


def wrap(text: str, room: float, most: int, width_of: Callable[[str], float]) -> list[str]:
    """Return `text` in at most `most` lines no wider than `room`, broken at " · ".

    A single part that is too wide, and what does not fit in the last line, is left as it is: the
    caller elides it. An empty text has no lines.
    """
    lines: list[str] = []
    for part in filter(None, text.split(SEPARATOR)):
        longer = SEPARATOR.join((lines[-1], part)) if lines else part
        if lines and (len(lines) == most or width_of(longer) <= room):
            lines[-1] = longer
        else:
            lines.append(part)
    return lines[:most]
