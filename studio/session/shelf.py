"""The takes: finding, marking and reopening them."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.background import Background
from studio.engine.fault import Fault, describe
from studio.library import Index, LibraryError, Take, Trajectory, TrajectoryError, read_take
from studio.library.index import Listed
from studio.library.inputs import adopt
from studio.library.marks import Marks
from studio.library.trash import discard, recover
from studio.preferences import inputs_folder
from studio.session.keeping import Keeper

T = TypeVar("T")
WATCH_MS = 2000


class Shelf(QObject):
    """Show what lies in the output folder, as far as the search finds it.

    `take_opened` brings a take with its trajectory, or None where the trajectory is gone.
    """

    take_added = Signal(object, object)  # Take, its Trajectory
    take_opened = Signal(object, object)  # Take, Trajectory | None
    take_marked = Signal(object)  # Take with other marks
    reloaded = Signal()
    failed = Signal(object)  # Fault
    noted = Signal(str)

    def __init__(
        self, root: Path, disk: Background, budget: int, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._disk = disk
        self._root = root
        self._index: Index | None = None
        self._version = 0
        self._wish = 0  # counts what the person asked to see; late answers are dropped
        self.search = ""
        self.keeper = Keeper(disk, lambda: (self._root, self._index), budget, self)
        self.keeper.saved.connect(self.take_added)
        self.keeper.failed.connect(self.failed)
        self.keeper.noted.connect(self.noted)
        self._watch = QTimer(self, interval=WATCH_MS)
        self._watch.timeout.connect(self.look)

    @property
    def root(self) -> Path:
        """Return the folder that holds the takes."""
        return self._root

    def open(self, before: Index | None = None) -> None:
        """Open the index of the output folder in the background, and close the one `before`."""
        self._disk.run(
            lambda: self._open(before), self._on_opened, self.failed.emit, "Reading the takes"
        )

    def move(self, root: Path) -> None:
        """Look at another output folder from now on."""
        if root == self._root:
            return
        before, self._root, self._index = self._index, root, None
        self.open(before)

    def look(self) -> None:
        """Read the list again where another program has added or changed takes."""
        version = self._asked(lambda index: index.version(), self._version)
        if version != self._version:
            self._version = version
            self.reloaded.emit()

    def find(self, search: str) -> None:
        """Show only the takes that `search` finds; an empty one shows all."""
        if search.strip() != self.search:
            self.search = search.strip()
            self.reloaded.emit()

    def page(self, limit: int, offset: int) -> list[Listed]:
        """Return `limit` takes, each family as a tree, the one that grew last first."""
        return self._asked(lambda index: index.recent(limit, offset, self.search), [])

    def count(self) -> int:
        """Return how many takes the search finds."""
        return self._asked(lambda index: index.count(self.search), 0)

    def total(self) -> int:
        """Return how many takes there are."""
        return self._asked(lambda index: index.count(), 0)

    def position(self, take_id: str) -> int | None:
        """Return the row of a take among those that the search finds."""
        return self._asked(lambda index: index.position(take_id, self.search), None)

    def steps_size(self) -> int:
        """Return how many bytes the steps of all takes need on disk."""
        return self._asked(lambda index: index.steps_size(), 0)

    def get(self, take_id: str) -> Take | None:
        """Return a take by its id."""
        return self._asked(lambda index: index.get(take_id), None)

    def mark(self, take: Take, marks: Marks) -> None:
        """Give a take other marks; it ends in `take_marked`."""
        index = self._index
        if index is not None and marks != take.marks:
            self._disk.run(
                lambda: index.mark(take, marks),
                self.take_marked.emit,
                self.failed.emit,
                "Marking the take",
            )

    def reopen(self, take_id: str) -> None:
        """Bring back a take with its trajectory."""
        take = self.get(take_id)
        if take is None:
            self.failed.emit(Fault("This take is no longer there.", "Its folder is gone."))
            self.reloaded.emit()
        else:
            self.reopen_folder(take.folder)

    def reopen_folder(self, folder: Path) -> None:
        """Bring back a take that lies anywhere, with its trajectory."""
        self._wish += 1
        wish = self._wish

        def work() -> tuple[Take, Trajectory | None]:
            fresh = read_take(folder)
            adopt(inputs_folder(), folder)
            try:
                return fresh, fresh.trajectory()
            except TrajectoryError as error:
                self.noted.emit(str(error))
                return fresh, None

        def show(found: tuple[Take, Trajectory | None]) -> None:
            if wish == self._wish:
                self.take_opened.emit(*found)

        self._disk.run(work, show, self.failed.emit, "Opening the take")

    def look_up(self, take_id: str, then: Callable[[Take | None, Trajectory | None], None]) -> None:
        """Read a take with its trajectory without showing it; None for what is gone."""
        take = self.get(take_id)
        if take is None:
            then(None, None)
            return

        def failed(fault: Fault) -> None:
            self.failed.emit(fault)
            then(take, None)

        def work() -> tuple[Take, Trajectory | None]:
            return take, take.trajectory()

        self._disk.run(work, lambda found: then(*found), failed, "Opening the take")

    def parent_of(self, take_id: str) -> str | None:
        """Return the id of the take from which a stored one branched, if it did."""
        take = self.get(take_id)
        return take.parent if take is not None else None

    def forget_wish(self) -> None:
        """Drop a take that is on its way: the person wants to see something else by now."""
        self._wish += 1

    def discard(self, take_ids: Iterable[str]) -> list[Take]:
        """Move takes to the trash and return them as they lie there, for `recover`."""
        takes = filter(None, map(self.get, take_ids))
        return self._moved(takes, discard, lambda index, take: index.remove(take.id))

    def take_in(self, takes: Sequence[Take]) -> None:
        """List takes that have come into the folder."""
        index = self._index
        if index is not None and takes:
            self._disk.run(
                lambda: index.add_all(takes),
                lambda _: self.reloaded.emit(),
                self.failed.emit,
                "Reading the takes",
            )

    def recover(self, takes: Sequence[Take]) -> None:
        """Bring takes back from the trash."""
        self._moved(takes, recover, lambda index, take: index.add(take))

    def close(self) -> None:
        """Close the index; the disk's thread must have ended."""
        self._watch.stop()
        if self._index is not None:
            self._index.close()
            self._index = None

    def _moved(
        self,
        takes: Iterable[Take],
        move: Callable[[Path, Take], Take],
        note: Callable[[Index, Take], None],
    ) -> list[Take]:
        done: list[Take] = []
        try:
            for take in takes:
                done.append(move(self._root, take))
                if self._index is not None:
                    note(self._index, done[-1])
        except LibraryError as error:
            self.failed.emit(describe(error))
        if done:
            self.reloaded.emit()
        return done

    def _asked(self, ask: Callable[[Index], T], otherwise: T) -> T:
        """Ask the index; where it is not open or cannot be used, the answer is `otherwise`."""
        if self._index is None:
            return otherwise
        try:
            return ask(self._index)
        except LibraryError as error:
            self.failed.emit(describe(error))
            return otherwise

    def _open(self, before: Index | None) -> str:
        """Open the index, in the disk's thread."""
        if before is not None:
            before.close()
        self._index = Index(self._root)
        return self._index.note

    def _on_opened(self, note: str) -> None:
        if note:
            self.noted.emit(note)
        self._version = self._asked(lambda index: index.version(), 0)
        self._watch.start()
        self.reloaded.emit()
        self.keeper.retry()
        self.keeper.prune()
