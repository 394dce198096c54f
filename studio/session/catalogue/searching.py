"""Searching the folders that the person watches, and no others."""

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.models.catalogue import Entry, Place, Scan, found_places, scan
from studio.preferences import Settings
from studio.session.catalogue.ledger import Ledger

_MOST_DECLINED = 100


class Searching(QObject):
    """Search watched folders in the background, again only for what is new or has changed.

    `named()` returns the paths that stay in the list wherever they lie. Folders of other programs
    are offered; nothing in them is looked at before the person says so.
    """

    changed = Signal()  # whether it searches, how far it is, what is to be said of it
    places_changed = Signal()  # what is watched or offered
    _found = Signal(object, list, int)

    def __init__(
        self,
        ledger: Ledger,
        settings: Callable[[], Settings],
        remember: Callable[..., None],
        named: Callable[[], set[str]],
    ) -> None:
        super().__init__(ledger)
        self._ledger, self._settings, self._remember = ledger, settings, remember
        self._named = named
        self._cancelled = threading.Event()
        self._places: tuple[Place, ...] = ()
        self._ready = False
        self.running = False
        self.looked = 0  # files
        self.remark = ""  # what is worth knowing of the last search
        self._found.connect(self._on_found)

    def begin(self) -> None:
        """Search for the first time, and find the folders of other programs."""
        self._ready = True
        self.scan()
        self._ledger.disk.run(
            lambda: found_places(dict(os.environ), Path.home()),
            self._on_places,
            lambda _fault: None,
        )

    @property
    def watched(self) -> tuple[str, ...]:
        """Return the folders that are searched."""
        return self._settings().watched_folders

    @property
    def offers(self) -> tuple[Place, ...]:
        """Return the folders of other programs that are here and could be watched."""
        known = {*self.watched, *self._settings().declined_folders}
        return tuple(place for place in self._places if place.path not in known)

    def watch(self, folder: str) -> None:
        """Search a folder from now on."""
        folder = str(Path(folder).absolute())
        if folder not in self.watched:
            self._remember(watched_folders=(*self.watched, folder))
            self.places_changed.emit()
        self.scan()

    def unwatch(self, folder: str) -> None:
        """Search a folder no longer, and leave out what was found there; the files stay."""
        self._remember(watched_folders=tuple(each for each in self.watched if each != folder))
        found = [entry for entry in self._ledger.entries.values() if entry.root == folder]
        named = self._named()
        self._ledger.keep(
            [replace(entry, root="") for entry in found if entry.path in named],
            [entry.path for entry in found if entry.path not in named],
        )
        self.places_changed.emit()
        if self.running:
            self.scan()

    def set_watched(self, folders: tuple[str, ...]) -> None:
        """Search exactly these folders from now on."""
        for folder in self.watched:
            if folder not in folders:
                self.unwatch(folder)
        for folder in folders:
            if folder not in self.watched:
                self.watch(folder)

    def decline(self, folder: str) -> None:
        """Offer a folder no longer."""
        declined = (*self._settings().declined_folders, folder)[-_MOST_DECLINED:]
        self._remember(declined_folders=declined)
        self.places_changed.emit()

    def scan(self) -> None:
        """Search for what is new, in place of a search under way."""
        self._cancelled.set()
        roots = self.watched
        if not roots or not self._ready:
            self._tell(running=False)
            return
        self._cancelled = cancelled = threading.Event()
        ledger = self._ledger

        def found(entries: list[Entry], looked: int) -> None:
            ledger.write(entries)
            self._found.emit(cancelled, entries, looked)

        ledger.disk.run(
            lambda: scan(roots, dict(ledger.entries), cancelled.is_set, found),
            lambda result: self._on_scanned(result, cancelled),
            lambda fault: self._on_failed(str(fault), cancelled),
        )
        self.looked = 0
        self._tell(running=True)

    def cancel(self) -> None:
        """Stop searching; what was found stays."""
        self._cancelled.set()
        if self.running:
            self._tell(running=False, remark="The search was stopped.")

    def _tell(self, *, running: bool, remark: str = "") -> None:
        self.running, self.remark = running, remark
        self.changed.emit()

    def _on_found(self, search: threading.Event, entries: list[Entry], looked: int) -> None:
        watched = set(self.watched)
        self._ledger.take_in(entry for entry in entries if entry.root in watched)
        if search is self._cancelled:
            self.looked = looked
            self.changed.emit()

    def _on_scanned(self, result: Scan, search: threading.Event) -> None:
        if search is self._cancelled and not search.is_set():
            self._leave_out(result)
            self._tell(running=False, remark=_remark(result))

    def _on_failed(self, why: str, search: threading.Event) -> None:
        if search is self._cancelled:
            self._tell(running=False, remark=why)

    def _leave_out(self, result: Scan) -> None:
        """Drop what is no longer there; what the person starred, used or hashed stays in grey.

        So does all that is on a drive that is not there now.
        """
        named = self._named()
        gone: list[Entry] = []
        missing: list[Entry] = []
        for entry in self._ledger.entries.values():
            away = entry.root in result.away
            lost = away or (entry.root in result.whole and entry.path not in result.seen)
            if lost and not entry.missing:
                stays = away or entry.sha256 or entry.path in named
                (missing if stays else gone).append(entry)
        self._ledger.keep(
            [replace(entry, missing=True) for entry in missing], [entry.path for entry in gone]
        )

    def _on_places(self, places: tuple[Place, ...]) -> None:
        self._places = places
        self.places_changed.emit()


def _remark(result: Scan) -> str:
    if result.away:
        return f"Not there now: {', '.join(result.away)}."
    if result.cut:
        return f"Too many files; only the first were looked at: {', '.join(result.cut)}."
    return ""
