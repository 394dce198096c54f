"""Going on where a crash ended: what was open is open again, what ran is offered."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from studio.engine.job import LiveRun
from studio.library import Recipe, Take, Trajectory
from studio.models import ModelInfo
from studio.session.editor import RecipeEditor
from studio.session.modeldesk import ModelDesk
from studio.session.opening import Opening
from studio.session.queueing import Queueing
from studio.session.recovery import Mark, Recovery
from studio.session.sampling import Sampling, Shown
from studio.session.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the session that are noted and restored."""

    editor: RecipeEditor
    opening: Opening
    models: ModelDesk
    sampling: Sampling
    queueing: Queueing
    shelf: Shelf


class Comeback(QObject):
    """Note what the session does in the mark of this window, and restore one that was found.

    Nothing is restored before `begin`, when models can be opened.
    """

    restored = Signal(object)  # Mark: take and recipe are there again; step and tab are to follow
    interrupted = Signal(object)  # Recipe that was being sampled

    def __init__(self, recovery: Recovery, parts: Parts) -> None:
        super().__init__(recovery)
        self._recovery, self._parts = recovery, parts
        self._found: Mark | None = None
        self._wanted: Mark | None = None  # its take is on its way
        self._to_go_on: Recipe | None = None  # its model is on its way
        self._began = self._fresh = False
        recovery.found.connect(self._on_found)
        parts.editor.changed.connect(lambda _part: recovery.note(recipe=parts.editor.whole))
        parts.sampling.started.connect(self._on_started)
        parts.sampling.ended.connect(lambda _ending: recovery.note(running=None))
        parts.shelf.take_opened.connect(self._on_take_opened)
        parts.models.opened.connect(self._on_model_opened)

    def begin(self, *, fresh: bool = False) -> None:
        """Restore what was found; with `fresh`, the person opened something else instead."""
        self._began, self._fresh = True, fresh
        self._restore()

    def note_shown(self, shown: Shown) -> None:
        """Note which take is looked at."""
        self._recovery.note(take=shown.id)

    def go_on(self, recipe: Recipe) -> None:
        """Sample a recipe whose run was interrupted, on its own model."""
        recipe, models = self._parts.opening.here(recipe), self._parts.models
        self._parts.opening.take_over(recipe)
        if models.ready and recipe.model.path in (models.path, ""):
            self._parts.sampling.generate(recipe)
        else:
            self._to_go_on = recipe

    def _on_found(self, mark: Mark | None) -> None:
        self._found = mark
        self._restore()

    def _restore(self) -> None:
        if not self._began or self._found is None:
            return
        mark, self._found = self._found, None
        if not self._fresh:
            self._open(mark)
        if mark.running is not None:
            self.interrupted.emit(mark.running)

    def _open(self, mark: Mark) -> None:
        if mark.take and self._parts.shelf.get(mark.take) is not None:
            self._wanted = mark
            self._parts.shelf.reopen(mark.take)
        else:
            self._parts.opening.take_over(mark.recipe)
            self.restored.emit(mark)

    def _on_take_opened(self, take: Take, _trajectory: Trajectory | None) -> None:
        mark, self._wanted = self._wanted, None
        if mark is not None and take.id == mark.take:
            self._parts.opening.take_over(mark.recipe)  # it may have been edited since
            self.restored.emit(mark)

    def _on_model_opened(self, info: ModelInfo) -> None:
        recipe, self._to_go_on = self._to_go_on, None
        if recipe is not None and recipe.model.path == info.path:
            self._parts.sampling.generate(recipe)

    def _on_started(self, live: LiveRun) -> None:
        by_wish = self._parts.sampling.by_wish(live.job)
        if by_wish and not self._parts.queueing.runs(live.job):
            self._recovery.note(running=live.recipe)
            self._recovery.write()
