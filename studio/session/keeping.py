"""Keep what runs made: takes are written in the background and tried again until they are safe."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.engine.background import Background
from studio.engine.fault import Fault
from studio.engine.job import Ending
from studio.engine.repeat import Likeness, compared
from studio.library import Index, LibraryError, Take, Trajectory, write_take
from studio.library.budget import prune
from studio.library.inputs import files_of
from studio.library.take import TRAJECTORY_FILE
from studio.library.writing import write_file
from studio.preferences import inputs_folder

MOST_UNSAVED = 20


@dataclass(frozen=True, slots=True)
class Attached:
    """Steps that were made again, and how far they lead from the pictures of their take."""

    trajectory: Trajectory
    likeness: Likeness


class Keeper(QObject):
    """Write takes to the output folder, and let go of the oldest steps where they take too much.

    `place` tells the folder and its index as they are now; `budget` is in bytes.
    """

    keeping = Signal(object)  # Ending that is about to be written
    saved = Signal(object, object)  # Take, its Trajectory
    unsaved = Signal(object)  # Ending that could not be written and waits in memory
    failed = Signal(object)  # Fault
    noted = Signal(str)

    def __init__(
        self,
        disk: Background,
        place: Callable[[], tuple[Path, Index | None]],
        budget: int,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._disk, self._place = disk, place
        self._unsaved: list[Ending] = []
        self.budget = budget

    def keep(self, ending: Ending) -> None:
        """Save what a run made; nothing is saved where it made nothing.

        What cannot be saved stays in memory and is tried again with the next take and with another
        output folder.
        """
        if ending.pictures is None or ending.trajectory is None:
            return
        self.keeping.emit(ending)
        root, index = self._place()
        self._disk.run(
            lambda: self._write(ending, root, index),
            lambda take: self._on_saved(take, ending),
            lambda fault: self._on_save_failed(fault, ending),
            "Saving the take",
        )

    def retry(self) -> None:
        """Try again to save what could not be saved."""
        unsaved, self._unsaved = self._unsaved, []
        for ending in unsaved:
            self.keep(ending)

    def attach(self, take: Take, ending: Ending, then: Callable[[Attached], None]) -> None:
        """Put steps that were made again beside the pictures to which they lead."""
        self._disk.run(
            lambda: self._attach(take, ending), then, self.failed.emit, "Saving the steps"
        )

    def prune(self) -> None:
        """Bring the steps on disk down to the budget, as after each take that is saved."""
        self._disk.run(self._prune, lambda _: None, self.failed.emit, "Clearing old steps")

    # In the disk's thread, one after another

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
            inputs=files_of(inputs_folder(), ending.recipe),
        )
        # The index may have been opened since, by the job before this one.
        now, newest = self._place()
        index = index or (newest if root == now else None)
        try:
            if index is not None:
                index.add(take)
                prune(index, self.budget, spared={take.id})
        except LibraryError as error:  # the take is safe; only the list does not know it yet
            self.noted.emit(str(error))
        return take

    def _attach(self, take: Take, ending: Ending) -> Attached:
        assert ending.trajectory is not None and ending.pictures is not None
        frames, ends = ending.trajectory, ending.pictures
        if take.status == "stopped":
            frames = frames.upto(bisect_right(frames.nfes, take.nfe))
            ends = frames.preview(-1)
        likeness = compared(take.pixels(), ends)
        if not likeness.unlike:
            path = take.folder / TRAJECTORY_FILE
            write_file(path, frames.write, "steps of the take")
            _, index = self._place()
            if index is not None:
                index.set_steps(take.id, path.stat().st_size)
                prune(index, self.budget, spared={take.id})
        return Attached(frames, likeness)

    def _prune(self) -> None:
        _, index = self._place()
        if index is not None:
            prune(index, self.budget)

    # In the window's thread

    def _on_saved(self, take: Take, ending: Ending) -> None:
        self.saved.emit(take, ending.trajectory)
        self.retry()

    def _on_save_failed(self, fault: Fault, ending: Ending) -> None:
        self._unsaved = [*self._unsaved, ending][-MOST_UNSAVED:]
        self.unsaved.emit(ending)
        kept = "The take is kept in memory and saved as soon as that works."
        self.failed.emit(Fault(fault.title, f"{fault.advice} {kept}".strip(), fault.details))
