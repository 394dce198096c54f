"""Which entries are listed: those of a place and a kind that hold the words typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.models.catalogue import Entry

ALL, STARRED, RECENT, BUNDLED = "all", "starred", "recent", "bundled"
USABLE = "usable"
"""The kind of everything that is known here."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Say which paths are starred and recent, the newest first, and which are bundled."""

    starred: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    bundled: tuple[str, ...] = ()


@dataclass(slots=True)
class Listing:
    """Hold entries in the order of the list, with what is searched of each."""

    entries: Sequence[Entry] = ()
    sources: Sources = Sources()
    _words: list[str] = field(default_factory=list)
    _known: dict[Entry, str] = field(default_factory=dict)

    def fill(self, entries: Iterable[Entry], sources: Sources) -> None:
        """Hold entries: the starred first, then the recent, then the others by name."""
        self.sources = sources
        first = {path: place for place, path in enumerate((*sources.starred, *sources.recent))}
        most = len(first) + len(sources.recent)

        def order(entry: Entry) -> tuple[int, str, str]:
            return first.get(entry.path, most), entry.name.casefold(), entry.path

        self.entries = sorted(entries, key=order)
        known = self._known
        self._known = {e: known.get(e) or _searched(e) for e in self.entries}
        self._words = [self._known[entry] for entry in self.entries]

    def found(self, place: str, kind: str, text: str) -> list[Entry]:
        """Return what is listed of a place: one of those above, or a watched folder.

        text: words that all have to be there; entries with all of them in the name come first.
        """
        wanted = text.casefold().split()
        chosen = [
            entry
            for entry, words in zip(self.entries, self._words, strict=True)
            if self._is_in(entry, place)
            and _is_of(entry, kind)
            and all(word in words for word in wanted)
        ]
        if place in (STARRED, RECENT) and not wanted:
            order = self.sources.starred if place == STARRED else self.sources.recent
            places = {path: index for index, path in enumerate(order)}
            return sorted(chosen, key=lambda entry: places[entry.path])
        if wanted:
            chosen.sort(key=lambda entry: not _named(entry, wanted))
        return chosen

    def count(self, place: str) -> int:
        """Return how many usable entries there are in a place."""
        return sum(_is_of(e, USABLE) and self._is_in(e, place) for e in self.entries)

    def _is_in(self, entry: Entry, place: str) -> bool:
        if place == ALL:
            return True
        if place == STARRED:
            return entry.path in self.sources.starred
        if place == RECENT:
            return entry.path in self.sources.recent
        if place == BUNDLED:
            return entry.path in self.sources.bundled
        return entry.root == place


def _is_of(entry: Entry, kind: str) -> bool:
    return entry.kind != "unknown" if kind == USABLE else entry.kind == kind


def _named(entry: Entry, wanted: Sequence[str]) -> bool:
    name = entry.name.casefold()
    return all(word in name for word in wanted)


def _searched(entry: Entry) -> str:
    """Return what is searched: name, family, kind, and where it lies within its folder."""
    where = entry.path.removeprefix(entry.root) if entry.root else Path(entry.path).name
    sides = "x".join(map(str, (side * entry.pixels for side in entry.shape[1:])))
    parts = (entry.name, where, entry.family, entry.kind, entry.prediction, sides, entry.licence)
    return " ".join(parts).casefold()
