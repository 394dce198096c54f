"""Prompts as people write them: words in brackets weigh more, or less."""

import re
from dataclasses import dataclass

STEP = 1.1
"""What a pair of round brackets multiplies the weight by, and a pair of square ones divides it."""

_MOST = 100.0
_MOST_DEPTH = 64
_TOKEN = re.compile(
    r"\\(?P<plain>[()\[\]\\])"
    r"|(?P<open>[(\[])"
    r"|:\s*(?P<weight>[+-]?(?:\d+\.?\d*|\.\d+))\s*\)"
    r"|(?P<close>[)\]])"
    r"|\s*\b(?P<pause>BREAK)\b\s*"
    r"|(?P<text>[^\\()\[\]:B\s]+|.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a prompt and how much it weighs."""

    text: str
    weight: float = 1.0


def parse(prompt: str) -> tuple[tuple[Piece, ...], ...]:
    """Return the pieces of a prompt, in one group for each part between the words BREAK.

    As AUTOMATIC1111's web UI has it: `(x)` weighs 1.1 times as much and `[x]` 1.1 times less, each
    also within another; `(x:1.3)` weighs 1.3 times as much. A bracket that is not closed reaches to
    the end; one that was not opened is text, and so is one behind a backslash. A weight is held
    within ±100.
    """
    reading = _Reading()
    for found in _TOKEN.finditer(prompt):
        reading.take(found)
    return reading.groups()


class _Reading:
    """What has been read of a prompt: stretches with their weights, None for a BREAK."""

    def __init__(self) -> None:
        self._stretches: list[tuple[str, float] | None] = []
        self._opened: list[tuple[str, int]] = []

    def take(self, found: re.Match[str]) -> None:
        sign, told, closing = found["open"], found["weight"], found["close"]
        if sign and len(self._opened) < _MOST_DEPTH:
            self._opened.append((sign, len(self._stretches)))
        elif told and self._within("("):
            self._scale(self._opened.pop()[1], float(told))
        elif closing and self._within("(" if closing == ")" else "["):
            self._close()
        elif found["pause"]:
            self._stretches.append(None)
        else:
            self._stretches.append((found["plain"] or found[0], 1.0))

    def groups(self) -> tuple[tuple[Piece, ...], ...]:
        while self._opened:
            self._close()
        groups: list[list[tuple[str, float]]] = [[]]
        for stretch in self._stretches:
            if stretch is None:
                groups.append([])
            elif groups[-1] and groups[-1][-1][1] == stretch[1]:
                groups[-1][-1] = (groups[-1][-1][0] + stretch[0], stretch[1])
            else:
                groups[-1].append(stretch)
        return tuple(tuple(Piece(*each) for each in group) for group in groups)

    def _within(self, sign: str) -> bool:
        return bool(self._opened) and self._opened[-1][0] == sign

    def _close(self) -> None:
        sign, start = self._opened.pop()
        self._scale(start, STEP if sign == "(" else 1 / STEP)

    def _scale(self, start: int, factor: float) -> None:
        for place in range(start, len(self._stretches)):
            stretch = self._stretches[place]
            if stretch is not None:
                weight = min(max(stretch[1] * factor, -_MOST), _MOST)
                self._stretches[place] = (stretch[0], weight)
