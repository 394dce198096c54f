"""Make the steps of a take again after they had to make room for newer ones."""

from PySide6.QtCore import QObject, Signal

from studio.engine.fault import Fault
from studio.engine.job import Ending
from studio.engine.repeat import unlike_here
from studio.library import Take
from studio.session.checking import Checking
from studio.session.keeping import Attached
from studio.session.sampling import Sampling, Shown
from studio.session.shelf import Shelf


class Recalling(QObject):
    """Sample the recipe of a take once more, and keep the steps if they lead to its pictures."""

    recalled = Signal(object)  # Shown
    failed = Signal(object)  # Fault
    noted = Signal(str)

    def __init__(self, sampling: Sampling, shelf: Shelf, checking: Checking) -> None:
        super().__init__(sampling)
        self._sampling, self._shelf, self._checking = sampling, shelf, checking
        self._takes: dict[int, Take] = {}
        sampling.checked.connect(self._on_checked)

    def recall(self, take_id: str) -> None:
        """Make the steps of a take again; it ends in `recalled`, or with the reason why not."""
        take = self._shelf.get(take_id)
        if take is None:
            self.failed.emit(Fault("This take is no longer there.", "Its folder is gone."))
        elif self._checking.repeat(take.recipe):
            self._takes[self._sampling.job] = take

    def _on_checked(self, ending: Ending) -> None:
        take = self._takes.pop(ending.job, None)
        if take is not None and ending.outcome == "finished":
            self._shelf.keeper.attach(take, ending, lambda made: self._show(take, ending, made))

    def _show(self, take: Take, ending: Ending, made: Attached) -> None:
        same = not made.likeness.unlike
        if not same:
            unlike = ", ".join(unlike_here(take.recipe, ending.recipe))
            why = f" Not as it was: {unlike}." if unlike else ""
            self.noted.emit(f"{made.likeness}{why} These steps are not kept.")
        self.recalled.emit(Shown(take.recipe, made.trajectory, take.id, stored=same))
