"""Making what is shown again, to tell whether it comes out the same here."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.engine.fault import Fault
from studio.engine.job import Ending
from studio.engine.repeat import compared_ends, unlike_here
from studio.library import ModelRef, Recipe
from studio.session.modeldesk import ModelDesk
from studio.session.sampling import Sampling, Shown


class Checking(QObject):
    """Repeat a take and compare its end to the last bit; `over` brings it back to be looked at.

    `here(recipe)` returns a recipe with its models where they are now.
    """

    over = Signal(object)  # Shown that was checked
    failed = Signal(object)  # Fault
    noted = Signal(str)

    def __init__(
        self, sampling: Sampling, models: ModelDesk, here: Callable[[Recipe], Recipe]
    ) -> None:
        super().__init__(sampling)
        self._sampling, self._models, self._here = sampling, models, here
        self._wanted: Shown | None = None
        sampling.checked.connect(self._on_checked)

    def check(self, shown: Shown | None) -> None:
        """Make `shown` again, or say why that cannot be."""
        if shown is None or shown.trajectory is None:
            self.noted.emit("Look at a finished take with its steps first; then it can be checked.")
        elif self.repeat(shown.recipe):
            self._wanted = shown

    def repeat(self, recipe: Recipe) -> bool:
        """Sample a recipe once more, which makes no take; return False where that cannot be."""
        recipe = self._here(recipe)
        opened = ModelRef(path=self._models.path, sha256=self._models.digest)
        if not self._models.ready or self._sampling.running:
            self.noted.emit("Wait until the model is open and nothing runs; then try again.")
        elif not recipe.model.is_same(opened):
            name = recipe.model.name or Path(recipe.model.path).name
            self.failed.emit(Fault(f"The take was made with “{name}”.", "Open that model first."))
        else:
            self._sampling.check(recipe)
            return True
        return False

    def _on_checked(self, ending: Ending) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None or wanted.trajectory is None:
            return
        if ending.outcome == "finished" and ending.trajectory is not None:
            likeness = compared_ends(wanted.trajectory, ending.trajectory)
            unlike = unlike_here(wanted.recipe, ending.recipe)
            why = f" Not as it was: {', '.join(unlike)}." if unlike else ""
            self.noted.emit(f"{likeness}{why}")
        self.over.emit(wanted)
