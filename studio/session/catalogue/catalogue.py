"""The models that the person has: bundled, recent, starred, and those in watched folders."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from studio.models import bundled_models, bundled_toys
from studio.models.catalogue import Entry
from studio.preferences import Settings, cache_folder
from studio.session.catalogue.hashes import Hashes
from studio.session.catalogue.ledger import Ledger
from studio.session.catalogue.searching import Searching
from studio.session.modeldesk import ModelDesk

MOST_STARS = 1000


class Catalogue(QObject):
    """Know every model of the person without reading more than what is new.

    `settings()` returns the settings in force, `remember(**changes)` changes them. What is known is
    kept in the person's cache, so that it is there at once the next time. The hashes of models that
    are opened are computed anyhow, and taken over.
    """

    changed = Signal()  # what `entries` or `starred` returns

    def __init__(
        self,
        models: ModelDesk,
        settings: Callable[[], Settings],
        remember: Callable[..., None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings, self._remember = settings, remember
        self._ledger = Ledger(cache_folder(), self)
        self.hashes = Hashes(self._ledger)
        self.searching = Searching(
            self._ledger, settings, remember, lambda: {*self.named(), *self.bundled}
        )
        self._started = False
        self._ledger.changed.connect(self.changed)
        models.opened.connect(lambda info: self.look_at(info.path))
        models.hashed.connect(lambda digest: self.hashes.note(models.path, digest))

    def start(self) -> None:
        """Read what is known, then look for what is new; once."""
        if not self._started:
            self._started = True
            self._ledger.open(self._begin)

    def _begin(self) -> None:
        self._ledger.look_at((*self.bundled, *self.named()))
        self.searching.begin()

    def close(self) -> None:
        """Stop searching and join the threads; a file that is being hashed is left behind."""
        self.searching.cancel()
        self.hashes.close()
        self._ledger.disk.close()

    @property
    def busy(self) -> bool:
        """Tell whether a file is still being hashed."""
        return self.hashes.busy

    def entries(self) -> tuple[Entry, ...]:
        """Return all that is known, in no certain order."""
        return tuple(self._ledger.entries.values())

    def entry(self, path: str) -> Entry | None:
        """Return what is known of a path, or None."""
        return self._ledger.entries.get(path)

    @property
    def bundled(self) -> tuple[str, ...]:
        """Return the paths of the models that ship with the studio."""
        return tuple(map(str, (*bundled_models(), *bundled_toys())))

    @property
    def starred(self) -> tuple[str, ...]:
        """Return the paths of the favourites, the newest first."""
        return self._settings().favourite_models

    @property
    def recent(self) -> tuple[str, ...]:
        """Return the paths of the models opened last, the newest first."""
        return self._settings().recent_models

    def named(self) -> tuple[str, ...]:
        """Return the paths that stay in the list wherever they lie."""
        return (*self.starred, *self.recent)

    def look_at(self, path: str) -> None:
        """Find out what a file is that is in no watched folder, and list it."""
        if self._started:
            self._ledger.look_at([path])

    def renew(self, path: str) -> None:
        """Look at a file again whose settings were chosen."""
        self._ledger.look_at([path], anew=True)

    def star(self, path: str, *, on: bool) -> None:
        """Put a file among the favourites, or take it out."""
        others = tuple(each for each in self.starred if each != path)
        self._remember(favourite_models=(path, *others)[:MOST_STARS] if on else others)
        self.changed.emit()

    def forget(self, path: str) -> None:
        """Leave a file out of the list; the file itself, if it is there, stays."""
        self._rename(path, None)
        self._ledger.keep((), [path])

    def relocate(self, path: str, now: str) -> None:
        """Say where a missing file is now; its star goes with it."""
        self._rename(path, now)
        self._ledger.keep((), [path])
        self._ledger.look_at([now])

    def _rename(self, path: str, now: str | None) -> None:
        def changed(paths: tuple[str, ...]) -> tuple[str, ...]:
            renamed = (now if each == path else each for each in paths)
            return tuple(dict.fromkeys(each for each in renamed if each is not None))

        self._remember(favourite_models=changed(self.starred), recent_models=changed(self.recent))
