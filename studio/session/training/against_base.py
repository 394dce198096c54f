"""The same seeds from what a run began with and from what it has become."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.bundled import resource
from studio.engine.fault import Fault
from studio.engine.job import Ending
from studio.models import ModelInfo
from studio.session.editor import RecipeEditor
from studio.session.modeldesk import ModelDesk
from studio.session.sampling import Sampling


class AgainstBase(QObject):
    """Open one model after the other and sample the current recipe from both.

    It gives up when the person opens another model or stops the sampling.
    """

    made = Signal(str)
    """Both are made: the id of the base's take; that of the trained model is shown."""
    failed = Signal(object)  # Fault

    def __init__(
        self,
        models: ModelDesk,
        sampling: Sampling,
        editor: RecipeEditor,
        open_model: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._models, self._sampling, self._editor = models, sampling, editor
        self._open_model = open_model
        self._left: list[str] = []  # models that are still to be sampled from
        self._job = 0
        self._take = ""
        models.opening.connect(self._on_opening)
        models.opened.connect(self._on_opened)
        models.failed.connect(lambda _path, _fault: self._give_up())
        sampling.ended.connect(self._on_ended)

    def begin(self, folder: Path, init: str, trained: Path) -> None:
        """Sample from the base that a run file names and from a checkpoint of that run."""
        base = base_path(folder, init)
        if base is None:
            fault = Fault(
                f"The model “{init}” is no longer there, with which “{folder.name}” began.",
                "Put it back where it was to compare with it.",
            )
            self.failed.emit(fault)
            return
        self._left, self._job, self._take = [str(base), str(trained)], 0, ""
        self._open_model(self._left[0])

    def _give_up(self) -> None:
        self._left, self._job = [], 0

    def _on_opening(self, path: str) -> None:
        if self._left and path != self._left[0]:
            self._give_up()

    def _on_opened(self, info: ModelInfo) -> None:
        if self._left and info.path == self._left[0] and not self._editor.problem:
            self._sampling.generate(self._editor.whole)
            self._job = self._sampling.job

    def _on_ended(self, ending: Ending) -> None:
        if not self._left or ending.job != self._job:
            return
        if ending.outcome != "finished":
            self._give_up()
            return
        del self._left[0]
        take = self._sampling.take_of(ending.job)
        if self._left:
            self._take = take
            self._open_model(self._left[0])
        else:
            self.made.emit(self._take)


def base_path(folder: Path, init: str) -> Path | None:
    """Return the model that a run file names, seen from its folder; None where there is none."""
    for place in (folder / Path(init).expanduser(), resource("models", init)):
        if place.exists():
            return place
    return None
