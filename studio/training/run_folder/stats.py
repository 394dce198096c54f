"""The log of a run, one JSON object per line, to which lines are only ever added."""

import json
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.training.run_folder.layout import STATS

_MOST_WAITING = 10_000


class Stats:
    """Append lines; those that find no room on the disk are kept until there is some.

    A line has the `event` it is about and the `time` of it, in seconds since 1970. After a crash
    the log may tell of pictures beyond the checkpoint: a line of the event "resumed" tells where
    the run went on, and what came after that place before it no longer counts.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / STATS
        self._waiting: list[bytes] = []
        self._end_line()

    def add(self, event: str, **values: Any) -> dict[str, Any]:
        """Append a line and return what it says."""
        said = {"event": event, "time": round(time.time(), 3), **values}
        text = json.dumps(_finite(said), ensure_ascii=False)
        self._waiting = [*self._waiting[-_MOST_WAITING:], text.encode() + b"\n"]
        self._write()
        return said

    def _write(self) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            before = os.fstat(descriptor).st_size
            data = b"".join(self._waiting)
            try:
                whole = os.write(descriptor, data) == len(data)
            except OSError:
                whole = False
            if whole:
                self._waiting = []
            else:
                os.ftruncate(descriptor, before)
        finally:
            os.close(descriptor)

    def _end_line(self) -> None:
        """Close a line that a crash left half written."""
        if self._path.is_file() and self._path.stat().st_size:
            with self._path.open("rb+") as file:
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    file.write(b"\n")


def read_stats(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a log as they were written; a damaged line is left out."""
    try:
        lines = (folder / STATS).open("rb")
    except FileNotFoundError:
        return
    with lines:
        for line in lines:
            try:
                said = json.loads(line)
            except ValueError:
                continue
            if isinstance(said, dict):
                yield said


def _finite(value: Any) -> Any:
    """Return a value with None for numbers that JSON has not."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
