"""What the desks of encoding, interpolating and measuring share: one errand of the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from studio.session.editing.subjects import Subject, read_subject
from studio.session.editing.words import about_model

if TYPE_CHECKING:
    from studio.engine.background import Background
    from studio.engine.engine import Engine
    from studio.engine.errands.errand import Errand, ErrandEnding, ErrandProgress
    from studio.models import ModelInfo
    from studio.session.editor import RecipeEditor
    from studio.session.modeldesk import ModelDesk


class TaskDesk(QObject):
    """Start an errand, hear what it finds, and stop it."""

    changed = Signal()  # what is chosen, or why nothing can be started
    running_changed = Signal(bool)
    progressed = Signal(str, float, float)  # what is done, share of it (0 to 1), seconds so far
    ended = Signal(str)  # "finished", "stopped" or "failed"
    failed = Signal(object)  # Fault
    noted = Signal(str)

    def __init__(
        self,
        engine: Engine,
        models: ModelDesk,
        editor: RecipeEditor,
        disk: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine, self._models = engine, models
        self._editor, self._disk = editor, disk
        self._job = 0
        self.running = False
        engine.found.connect(self._hear)
        engine.errand_progressed.connect(self._on_progressed)
        engine.errand_ended.connect(self._on_ended)
        models.opened.connect(lambda _info: self.model_changed())
        models.opening.connect(lambda _path: self.model_changed())
        models.failed.connect(lambda _path, _fault: self.model_changed())

    @property
    def info(self) -> ModelInfo | None:
        """Return what is known of the open model, or None."""
        return self._models.info

    @property
    def size(self) -> tuple[int, int] | None:
        """Return (width, height) of what the model works on, in pixels; None without a model."""
        info = self.info
        if info is None:
            return None
        _, high, wide = info.shape
        return wide * info.pixels, high * info.pixels

    @property
    def picture_size(self) -> tuple[int, int] | None:
        """Return (width, height) of the pictures that the model takes, None where it takes none."""
        return None if self.info is None or self.info.planar else self.size

    def _read(self, path: Path, take: Callable[[Subject], None]) -> None:
        """Read a picture in the model's size and hand it over, or say why it cannot be taken."""
        size = self.picture_size
        if size is None:
            self.noted.emit(self.problem)
            return
        failed = self.failed.emit
        self._disk.run(lambda: read_subject(path, size), take, failed, "Reading the picture")

    def _fit(self, subject: Subject, take: Callable[[Subject], None]) -> None:
        """Hand a picture over in the model's size, or say why it cannot be taken."""
        size = self.picture_size
        if size is None:
            self.noted.emit(self.problem)
        else:
            take(subject.for_model(size))

    @property
    def problem(self) -> str:
        """Return why the task cannot be started now, or nothing."""
        return about_model(self.info, opening=self._models.opening_now)

    @property
    def choices(self) -> dict[str, Any]:
        """Return what was chosen, to be remembered."""
        return {}

    def recall(self, choices: Mapping[str, Any]) -> None:
        """Take over what was chosen at an earlier time, as far as it still means something."""

    def model_changed(self) -> None:
        """Take another model into account."""
        self.changed.emit()

    def stop(self) -> None:
        """Stop before the next network call; what was found stays."""
        if self.running:
            self._engine.stop()

    def _submit(self, wish: Errand) -> None:
        """Let the engine do an errand in place of what it does now."""
        self._job = self._engine.errand(wish)
        self._set_running(True)

    def _found(self, found: Any) -> None:
        """Take what the errand found so far."""

    def _previewed(self, preview: NDArray[np.uint8]) -> None:
        """Take x̂₀ of what is under way, (B, H, W, 3)."""

    def _goes_on(self) -> bool:
        """Submit what comes after the errand that has finished, if anything does."""
        return False

    def _set_running(self, running: bool) -> None:
        if running != self.running:
            self.running = running
            self.running_changed.emit(running)
            self.changed.emit()

    def _hear(self, job: int, found: Any) -> None:
        if job == self._job:
            self._found(found)

    def _on_progressed(self, progress: ErrandProgress) -> None:
        if progress.job == self._job and self.running:
            self.progressed.emit(progress.doing, progress.share, progress.elapsed)
            if progress.preview is not None:
                self._previewed(progress.preview)

    def _on_ended(self, ending: ErrandEnding) -> None:
        if ending.job != self._job:
            return
        if ending.outcome == "finished" and self._goes_on():
            return
        self._set_running(False)
        if ending.fault is not None:
            self.failed.emit(ending.fault)
        self.ended.emit(ending.outcome)
