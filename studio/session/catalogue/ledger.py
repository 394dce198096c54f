"""The entries of the catalogue, in memory and on disk."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.engine.background import Background
from studio.models.catalogue import CatalogueStore, Entry, examine
from studio.models.catalogue.examine import weigh

FILE = "models.sqlite"


class Ledger(QObject):
    """Hold what is known of every file, by its path.

    What is kept in `folder` is read once, by `open`; files are looked at and entries are written in
    `disk`, in the order in which that is asked for.
    """

    changed = Signal()  # what `entries` returns

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.disk = Background(self)
        self._path = folder / FILE
        self._store: CatalogueStore | None = None
        self._entries: dict[str, Entry] = {}
        self._by_hash: dict[str, list[str]] = {}

    def open(self, then: Callable[[], None]) -> None:
        """Read what was kept, and call `then`."""

        def read() -> dict[str, Entry]:
            self._store = CatalogueStore(self._path)
            return self._store.read()

        def end(known: dict[str, Entry]) -> None:
            self._entries = known | self._entries
            self._settle()
            then()

        self.disk.run(read, end, lambda _fault: end({}))

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Return what is known, by path."""
        return self._entries

    def of_hash(self, sha256: str) -> tuple[str, ...]:
        """Return the paths that have a hash and were there when last looked at."""
        return tuple(self._by_hash.get(sha256, ())) if sha256 else ()

    def look_at(self, paths: Iterable[str], *, anew: bool = False) -> None:
        """Find out what files are, unless that is known and they are as they were.

        anew: look even so, since what is said about a file has changed.
        """
        wanted, known = tuple(paths), dict(self._entries)

        def work() -> list[Entry]:
            found = [_looked_at(path, known.get(path), anew=anew) for path in wanted]
            fresh = [each for each in found if each != known.get(each.path)]
            self.write(fresh)
            return fresh

        self.disk.run(work, self.take_in, lambda _fault: None)

    def take_in(self, entries: Iterable[Entry]) -> None:
        """Hold entries in place of those before; the hash of a file that is as it was stays."""
        fresh = {entry.path: self._with_hash(entry) for entry in entries}
        if fresh:
            self._entries |= fresh
            self._settle()

    def keep(self, entries: Iterable[Entry], gone: Iterable[str] = ()) -> None:
        """Hold and write entries, and drop the paths that are `gone`."""
        fresh, lost = list(entries), list(gone)
        if not fresh and not lost:
            return
        for path in lost:
            self._entries.pop(path, None)
        self._entries |= {entry.path: entry for entry in fresh}
        self.disk.run(lambda: self.write(fresh, lost), lambda _: None, lambda _fault: None)
        self._settle()

    def write(self, entries: Iterable[Entry], gone: Iterable[str] = ()) -> None:
        """Write to the disk; to be called in `disk`."""
        fresh, lost = list(entries), list(gone)
        if self._store is not None and (fresh or lost):
            self._store.write(fresh, lost)

    def _with_hash(self, entry: Entry) -> Entry:
        before = self._entries.get(entry.path)
        if before is None or entry.sha256 or not before.is_as((entry.size, entry.changed)):
            return entry
        return replace(entry, sha256=before.sha256)

    def _settle(self) -> None:
        self._by_hash = {}
        for entry in self._entries.values():
            if entry.sha256 and not entry.missing:
                self._by_hash.setdefault(entry.sha256, []).append(entry.path)
        self.changed.emit()


def _looked_at(path: str, known: Entry | None, *, anew: bool) -> Entry:
    try:
        weight = weigh(Path(path))
    except OSError:
        return replace(known, missing=True) if known is not None else examine(Path(path))
    if known is not None and known.is_as(weight) and not anew:
        return replace(known, missing=False)
    entry = examine(Path(path), weight)
    return replace(entry, root=known.root) if known is not None else entry
