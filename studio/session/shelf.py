"""The takes: saving, finding and reopening them."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.engine.background import Background
from studio.engine.fault import Fault, describe
from studio.engine.job import Ending
from studio.library import (
    Index,
    LibraryError,
    Take,
    Trajectory,
    TrajectoryError,
    read_take,
    write_take,
)
from studio.library.trash import discard, recover

MOST_UNSAVED = 20


class Shelf(QObject):
    """Write takes to the output folder in the background and read them back.

    `take_opened` brings a take with its trajectory, or None where the trajectory is gone.
    """

    keeping = Signal(object)  # Ending that is about to be written
    take_added = Signal(object, object)  # Take, its Trajectory
    take_opened = Signal(object, object)  # Take, Trajectory | None
    reloaded = Signal()
    unsaved = Signal(object)  # Ending that could not be written and waits in memory
    failed = Signal(object)  # Fault
    noted = Signal(str)

    def __init__(self, root: Path, disk: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._disk = disk
        self._root = root
        self._index: Index | None = None
        self._unsaved: list[Ending] = []
        self._wish = 0  # counts what the person asked to see; late answers are dropped

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

    def page(self, limit: int, offset: int) -> list[Take]:
        """Return `limit` takes, each family as a tree, the one that grew last first."""
        return list(self._index.recent(limit, offset)) if self._index is not None else []

    def generations(self, limit: int, offset: int) -> list[int]:
        """Return for each of the same takes how many it descends from."""
        return self._index.generations(limit, offset) if self._index is not None else []

    def count(self) -> int:
        """Return how many takes there are."""
        return self._index.count() if self._index is not None else 0

    def folder(self, take_id: str) -> Path | None:
        """Return the folder of a take."""
        take = self._index.get(take_id) if self._index is not None else None
        return take.folder if take is not None else None

    def keep(self, ending: Ending) -> None:
        """Save what a run made; nothing is saved where it made nothing.

        What cannot be saved stays in memory and is tried again with the next take and with another
        output folder.
        """
        if ending.pictures is None or ending.trajectory is None:
            return
        self.keeping.emit(ending)
        root, index = self._root, self._index
        self._disk.run(
            lambda: self._write(ending, root, index),
            lambda take: self._on_saved(take, ending),
            lambda fault: self._on_save_failed(fault, ending),
            "Saving the take",
        )

    def reopen(self, take_id: str) -> None:
        """Bring back a take with its trajectory."""
        take = self._index.get(take_id) if self._index is not None else None
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
            try:
                return fresh, fresh.trajectory()
            except TrajectoryError as error:
                self.noted.emit(str(error))
                return fresh, None

        def show(found: tuple[Take, Trajectory | None]) -> None:
            if wish == self._wish:
                self.take_opened.emit(*found)

        self._disk.run(work, show, self.failed.emit, "Opening the take")

    def forget_wish(self) -> None:
        """Drop a take that is on its way: the person wants to see something else by now."""
        self._wish += 1

    def discard(self, take_id: str) -> Take | None:
        """Move a take to the trash and return it as it lies there, for `recover`."""
        take = self._index.get(take_id) if self._index is not None else None
        if self._index is None or take is None:
            return None
        return self._moved(lambda: discard(self._root, take), lambda _: self._forget(take_id))

    def recover(self, take: Take) -> None:
        """Bring a take back from the trash."""
        self._moved(lambda: recover(self._root, take), self._remember)

    def _moved(self, move: Callable[[], Take], then: Callable[[Take], None]) -> Take | None:
        try:
            moved = move()
            then(moved)
        except LibraryError as error:
            self.failed.emit(describe(error))
            return None
        self.reloaded.emit()
        return moved

    def _forget(self, take_id: str) -> None:
        if self._index is not None:
            self._index.remove(take_id)

    def _remember(self, take: Take) -> None:
        if self._index is not None:
            self._index.add(take)

    def close(self) -> None:
        """Close the index; the disk's thread must have ended."""
        if self._index is not None:
            self._index.close()
            self._index = None

    # In the disk's thread, one after another

    def _open(self, before: Index | None) -> str:
        if before is not None:
            before.close()
        self._index = Index(self._root)
        return self._index.note

    def _write(self, ending: Ending, root: Path, index: Index | None) -> Take:
        assert ending.pictures is not None and ending.trajectory is not None
        take = write_take(
            root,
            ending.recipe,
            ending.pictures,
            ending.trajectory,
            status="finished" if ending.outcome == "finished" else "stopped",
            nfe=ending.nfe,
            seconds=ending.seconds,
            parent=ending.parent,
            id=ending.take,
        )
        # The index may have been opened since, by the job before this one.
        index = index or (self._index if root == self._root else None)
        try:
            if index is not None:
                index.add(take)
        except LibraryError as error:  # the take is safe; only the list does not know it yet
            self.noted.emit(str(error))
        return take

    # In the window's thread

    def _on_opened(self, note: str) -> None:
        if note:
            self.noted.emit(note)
        self.reloaded.emit()
        self.retry()

    def _on_saved(self, take: Take, ending: Ending) -> None:
        self.take_added.emit(take, ending.trajectory)
        self.retry()

    def _on_save_failed(self, fault: Fault, ending: Ending) -> None:
        self._unsaved = [*self._unsaved, ending][-MOST_UNSAVED:]
        self.unsaved.emit(ending)
        kept = "The take is kept in memory and saved as soon as that works."
        self.failed.emit(Fault(fault.title, f"{fault.advice} {kept}".strip(), fault.details))

    def retry(self) -> None:
        """Try again to save what could not be saved."""
        unsaved, self._unsaved = self._unsaved, []
        for ending in unsaved:
            self.keep(ending)
