"""Read the log of a run as it grows, the part that is for people."""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.training.run_folder.layout import STATS
from studio.training.run_folder.tail import Tail
from studio.training.run_folder.words import in_words

_MOST = 500
_FIGURES = b'{"event": "stats"'


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened, in seconds since 1970 and in words."""

    time: float
    text: str


class LogReader:
    """Keep the newest lines in words, without those of figures; only what is new is read."""

    def __init__(self, folder: Path) -> None:
        self._tail = Tail(folder / STATS)
        self.lines: deque[Line] = deque(maxlen=_MOST)

    def read(self) -> None:
        """Take in what was written since; a log that was begun anew is read anew."""
        try:
            while self._read_some():
                pass
        except OSError:
            return

    def _read_some(self) -> bool:
        """Read some MB and tell whether there are more."""
        anew, lines = self._tail.read()
        if anew:
            self.lines.clear()
        for raw in lines:
            if not raw.startswith(_FIGURES):
                self._take(raw)
        return self._tail.behind

    def _take(self, raw: bytes) -> None:
        said = _parsed(raw)
        when = said.get("time")
        if said and isinstance(when, int | float):
            self.lines.append(Line(float(when), in_words(said)))


def _parsed(raw: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(raw)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
