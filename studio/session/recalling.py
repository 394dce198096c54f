"""Make the steps of a take again after they had to make room for newer ones."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from studio.engine.fault import Fault
from studio.engine.job import Ending
from studio.engine.repeat import unlike_here
from studio.library import Recipe, Take
from studio.session.keeping import Attached
from studio.session.sampling import Sampling, Shown
from studio.session.shelf import Shelf


class Recalling(QObject):
    """Sample the recipe of a take once more, and keep the steps if they lead to its pictures."""

    recalled = Signal(object)  # Shown
    failed = Signal(object)  # Fault
    noted = Signal(str)

    def __init__(
        self,
        sampling: Sampling,
        shelf: Shelf,
        here: Callable[[Recipe], Recipe],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._sampling, self._shelf, self._here = sampling, shelf, here
        self._takes: dict[int, Take] = {}
        sampling.checked.connect(self._on_checked)

    def recall(self, take_id: str) -> None:
        """Make the steps of a take again; it ends in `recalled`, or with the reason why not."""
        take = self._shelf.get(take_id)
        if take is None:
            self.failed.emit(Fault("This take is no longer there.", "Its folder is gone."))
            return
        self._sampling.check(self._here(take.recipe))
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
