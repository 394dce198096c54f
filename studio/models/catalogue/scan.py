"""Search the watched folders, and examine only what is new or has changed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from studio.models.catalogue.entry import Entry
from studio.models.catalogue.examine import examine, weigh
from studio.models.catalogue.places import folders_to_search
from studio.models.catalogue.walk import Walk

_HAND_OVER = 0.2  # seconds
_PLAIN_ARCHIVES = (".zip",)


@dataclass(frozen=True, slots=True)
class Scan:
    """Tell how a search went: `seen` holds the paths found in folders that were searched whole.

    `away` holds watched folders that are not there now, such as those of a drive that is unplugged;
    `cut` those with more files than are looked at. `stopped` tells that it was cancelled.
    """

    seen: frozenset[str]
    whole: tuple[str, ...] = ()
    away: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    stopped: bool = False


Found = Callable[[list[Entry], int], None]
"""Hear of entries as they are found, and of how many files were looked at."""


def scan(
    roots: tuple[str, ...], known: Mapping[str, Entry], stop: Callable[[], bool], found: Found
) -> Scan:
    """Search watched folders and hand over entries as they are found.

    known: entries by path; one whose size and time of change are as before is taken as it is.
    stop: asked before every file.
    """
    seen: set[str] = set()
    whole, away, cut = [], [], []
    batch = _Batch(found)
    for root in roots:
        folder = Path(root)
        if not folder.is_dir():
            away.append(root)
            continue
        for part in folders_to_search(folder):
            walk = Walk(part, stop)
            for path in walk:
                batch.now = walk.looked
                if (text := str(path)) not in seen and (weight := _weight(path)) is not None:
                    seen.add(text)
                    _take(path, root, weight, known.get(text), batch)
            batch.end_folder()
            if walk.cut:
                cut.append(root)
        if stop():
            break
        if root not in cut:
            whole.append(root)
    batch.hand_over()
    return Scan(frozenset(seen), tuple(whole), tuple(away), tuple(cut), stop())


def _weight(path: Path) -> tuple[int, int] | None:
    try:
        return weigh(path)
    except OSError:
        return None


def _take(
    path: Path, root: str, weight: tuple[int, int], before: Entry | None, batch: "_Batch"
) -> None:
    if before is not None and before.is_as(weight):
        if before.missing or before.root != root:
            batch.add(replace(before, missing=False, root=root))
        batch.pulse()
        return
    entry = replace(examine(path, weight), root=root)
    if entry.kind != "unknown" or path.suffix.lower() not in _PLAIN_ARCHIVES:
        batch.add(entry)
    batch.pulse()


class _Batch:
    """Hand entries over a few times in a second, however fast they are found."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._entries: list[Entry] = []
        self._last = time.monotonic()
        self._before = 0  # files of the folders before
        self.now = 0  # files of this one

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)

    def pulse(self) -> None:
        if time.monotonic() - self._last >= _HAND_OVER:
            self.hand_over()

    def end_folder(self) -> None:
        self._before, self.now = self._before + self.now, 0

    def hand_over(self) -> None:
        entries, self._entries, self._last = self._entries, [], time.monotonic()
        self._found(entries, self._before + self.now)
