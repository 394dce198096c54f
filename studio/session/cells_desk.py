"""What a comparison and a sweep of a session have in common."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from PySide6.QtCore import QObject, Signal

from studio.engine.engine import Engine
from studio.engine.job import CellsEnding, CellsProgress
from studio.library import Recipe
from studio.models import ModelInfo

C = TypeVar("C", bound=BaseModel)


class CellsDesk(QObject, Generic[C]):
    """Hold a choice, what it stands on, and the job that makes its cells.

    `choice` is of the type of the first one, whose fields all have defaults.
    """

    changed = Signal()  # the choice, or what it would cost
    progressed = Signal(object)  # CellsProgress
    running_changed = Signal(bool)
    ended = Signal(object)  # CellsEnding

    def __init__(self, engine: Engine, choice: C, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self.choice = choice
        self.running = False
        self._job = 0
        self._recipe = Recipe()
        self._info: ModelInfo | None = None
        self._root, self._computed_by = Path(), ""
        engine.cells_progressed.connect(self._on_progressed)
        engine.cells_ended.connect(self._on_ended)

    def recall(self, remembered: Mapping[str, Any] | None) -> None:
        """Take over the choice of an earlier time, if it still means something."""
        kind = type(self.choice)
        try:
            self.choice = kind.model_validate(remembered or {})
        except ValidationError:
            self.choice = kind()

    def choose(self, **changes: object) -> None:
        """Change what is chosen."""
        self.choice = type(self.choice).model_validate({**dict(self.choice), **changes})
        self._compose()

    def set_base(
        self, recipe: Recipe, info: ModelInfo | None, root: Path, computed_by: str
    ) -> None:
        """Say what the cells stand on; `info` is None while no model is open."""
        self._recipe, self._info = recipe, info
        self._root, self._computed_by = root, computed_by
        self._compose()

    def stop(self) -> None:
        """Stop before the next network call; what is done stays."""
        if self.running:
            self._engine.stop()

    def _compose(self) -> None:
        """Find out what is there of the choice, and what it would cost."""
        raise NotImplementedError

    def _conclude(self, ending: CellsEnding) -> None:
        """Look at what there is now that the job has ended."""
        raise NotImplementedError

    def _set_running(self, running: bool) -> None:
        if running != self.running:
            self.running = running
            self.running_changed.emit(running)

    def _on_progressed(self, progress: CellsProgress) -> None:
        if progress.job == self._job and self.running:
            self.progressed.emit(progress)

    def _on_ended(self, ending: CellsEnding) -> None:
        if ending.job == self._job:
            self._conclude(ending)
            self.ended.emit(ending)
