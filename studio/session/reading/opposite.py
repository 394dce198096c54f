"""The take with which another is compared."""

from PySide6.QtCore import QObject, Signal

from studio.library import Take, Trajectory
from studio.session.shelf import Shelf


class Opposite(QObject):
    """Find and open the take that what is shown is compared with.

    It is the one that the person chose; else the parent of a branch; else the take that was looked
    at before. It is opened when it is first needed.
    """

    changed = Signal()
    """Another take, or it is open now."""

    def __init__(self, shelf: Shelf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._chosen = self._parent = self._shown = self._before = ""
        self._seen = ""  # the take that is shown, once it is stored
        self._opened = ""  # the id of the take that is open, or on its way
        self.take: Take | None = None
        self.frames: Trajectory | None = None
        self.problem = ""
        shelf.take_added.connect(self._on_added)

    @property
    def id(self) -> str:
        """Return the id of the take that is meant, or nothing."""
        for id in (self._chosen, self._parent, self._before):
            if id and id != self._shown:
                return id
        return ""

    def choose(self, take_id: str) -> None:
        """Compare with this take from now on."""
        self._chosen = take_id
        self._renew()

    def follow(self, shown: str, parent: str | None, *, stored: bool) -> None:
        """Take in which take is shown, by its id, and which one it branched from.

        One that is never `stored`, such as a live run that the next one overtook, is not remembered
        as the one before.
        """
        if shown != self._shown:
            self._before, self._seen = self._seen or self._before, ""
        if stored:
            self._seen = shown
        self._shown, self._parent = shown, parent or ""
        self._renew()

    def need(self) -> None:
        """Open the take unless that was done, or there is none."""
        id = self.id
        if not id or id == self._opened:
            return
        self._opened, self.problem = id, ""
        self._shelf.look_up(id, lambda take, frames: self._on_opened(id, take, frames))

    def _renew(self) -> None:
        if self.id != self._opened:
            self.take = self.frames = None
            self._opened = self.problem = ""
            self.changed.emit()

    def _on_added(self, take: Take, _frames: Trajectory) -> None:
        """Open the take after all where it was asked for before it was saved."""
        if take.id == self._opened and self.take is None:
            self._opened = self.problem = ""
            self.changed.emit()

    def _on_opened(self, id: str, take: Take | None, frames: Trajectory | None) -> None:
        if id != self._opened:
            return
        self.take, self.frames = take, frames
        if take is None:
            self.problem = "That take is no longer there. Choose another one."
        elif frames is None:
            self.problem = "The steps of that take are gone. Choose another one."
        self.changed.emit()
