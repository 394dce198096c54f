"""The hashes by which a model is known again wherever it lies."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.engine.background import Background
from studio.models import ModelError, file_digest
from studio.models.catalogue import Entry
from studio.models.catalogue.examine import weigh
from studio.session.catalogue.ledger import Ledger


class Hashes(QObject):
    """Compute hashes one after another in a thread of their own, and find files by them."""

    changed = Signal(str)  # path: its hash is known, or could not be computed

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger)
        self._ledger = ledger
        self._thread = Background(self)
        self._waiting: set[str] = set()
        self._early: dict[str, str] = {}  # hashes of files that are not listed yet
        ledger.changed.connect(self._take_early)

    def close(self) -> None:
        """Begin no other file; the one under way is left behind."""
        self._thread.close(drop=True)

    @property
    def busy(self) -> bool:
        """Tell whether a file is being read."""
        return self._thread.busy

    def is_waiting(self, path: str) -> bool:
        """Tell whether the hash of a file is being computed or will be."""
        return path in self._waiting

    def want(self, path: str) -> None:
        """Compute the SHA-256 of a file, unless it is known."""
        entry = self._ledger.entries.get(path)
        if entry is None or entry.missing or entry.sha256 or path in self._waiting:
            return
        self._waiting.add(path)
        self._thread.run(
            lambda: (file_digest(path), weigh(Path(path))),
            lambda result: self._on_computed(path, *result),
            lambda _fault: self._on_computed(path, "", (-1, -1)),
        )

    def note(self, path: str, sha256: str) -> None:
        """Take over a hash that was computed elsewhere."""
        if path and sha256:
            self._early[path] = sha256
            self._take_early()

    def _take_early(self) -> None:
        entries = self._ledger.entries
        here = {path: self._early.pop(path) for path in [*self._early] if path in entries}
        fresh = [
            replace(entries[path], sha256=sha256)
            for path, sha256 in here.items()
            if entries[path].sha256 != sha256
        ]
        self._ledger.keep(fresh)
        for entry in fresh:
            self.changed.emit(entry.path)

    def place_of(self, sha256: str) -> str:
        """Return where a file of this hash is, as far as that is known, or nothing."""
        return next((p for p in self._ledger.of_hash(sha256) if Path(p).exists()), "")

    def seek(self, sha256: str, path: str, then: Callable[[str], None]) -> None:
        """Look for a file of this hash that was at `path`, and call `then` with its place.

        Files of the same name or size are hashed, one after another; nothing: there is none.
        """
        before, name = self._ledger.entries.get(path), Path(path).name
        size = before.size if before is not None else -1
        likely = [
            entry.path
            for entry in self._ledger.entries.values()
            if _may_be(entry, name, size) and not entry.sha256
        ]

        def end(found: str) -> None:
            self.note(found, sha256)
            then(found)

        self._thread.run(
            lambda: next((each for each in likely if _is(each, sha256)), ""),
            end,
            lambda _fault: then(""),
        )

    def _on_computed(self, path: str, sha256: str, weight: tuple[int, int]) -> None:
        self._waiting.discard(path)
        entry = self._ledger.entries.get(path)
        if sha256 and entry is not None and entry.is_as(weight):
            self._ledger.keep([replace(entry, sha256=sha256)])
        self.changed.emit(path)


def _may_be(entry: Entry, name: str, size: int) -> bool:
    return not entry.missing and (Path(entry.path).name == name or entry.size == size)


def _is(path: str, sha256: str) -> bool:
    try:
        return file_digest(path) == sha256
    except ModelError:
        return False
