"""The restorations of the picture: the newest, those before, and a comparison of methods."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from studio.diffusion import METHODS
from studio.library.editing import edited
from studio.session.editing.restored import Restored, measured

if TYPE_CHECKING:
    from studio.engine.job import Ending, LiveRun, Progress
    from studio.library import Recipe
    from studio.session.editing.desk import EditDesk
    from studio.session.sampling import Sampling, Shown

MOST = 64
"""Restorations that are remembered; their takes stay in the library."""


class Results(QObject):
    """Follow the restorations that the desk runs or shows.

    `shown` is the one that is looked at; `rows` are those of what is measured now, the newest of
    each way last made.
    """

    changed = Signal()  # the one that is shown, or how far it is
    rows_changed = Signal()
    comparing_changed = Signal(bool)

    def __init__(self, desk: EditDesk, sampling: Sampling) -> None:
        super().__init__(desk)
        self._desk, self._sampling = desk, sampling
        self._known: list[Restored] = []
        self._live: Restored | None = None
        self._todo: deque[Recipe] = deque()
        self._left = 0
        self._outcome = ""
        self.shown: Restored | None = None
        desk.started.connect(self._on_started)
        desk.progressed.connect(self._on_progressed)
        desk.ended.connect(self._on_ended)
        desk.shown_changed.connect(self._on_shown)
        desk.looked.connect(self.rows_changed)
        desk.picture_changed.connect(self._on_picture_changed)
        desk.running_changed.connect(self._on_running_changed)

    @property
    def rows(self) -> tuple[Restored, ...]:
        """Return the restorations of what is measured now, in the order of their methods."""
        now = measured(self._desk.editor.recipe)
        found = [each for each in self._known if measured(each.recipe) == now]
        order = list(METHODS)
        return tuple(sorted(found, key=lambda each: (order.index(each.recipe.sampler), each.nfe)))

    @property
    def stale(self) -> bool:
        """Tell whether what is shown restored something else than what is measured now."""
        shown = self.shown
        return shown is not None and measured(shown.recipe) != measured(self._desk.editor.recipe)

    # Comparing

    @property
    def comparing(self) -> bool:
        """Tell whether methods are being compared."""
        return self._left > 0

    @property
    def left(self) -> int:
        """Return how many methods are still to be compared, the one that runs included."""
        return self._left

    def candidates(self) -> tuple[str, ...]:
        """Return the methods that can restore what is measured."""
        refused = self._desk.refusals
        return tuple(id for id in METHODS if id not in refused)

    @property
    def problem(self) -> str:
        """Return why methods cannot be compared, or nothing; one that is refused is left out."""
        method = self._desk.editor.recipe.sampler
        why = self._desk.problem
        if why and why == self._desk.refusals.get(method):
            return "" if self.candidates() else why
        return why

    def compare(self) -> None:
        """Restore by one method after the other, on the same seeds, each in its usual steps.

        The method that is chosen comes first and keeps its knobs.
        """
        if self.problem:
            return
        now, can = self._desk.editor.whole, self.candidates()
        first = [now] if now.sampler in can else []
        self._todo = deque([*first, *(_by(now, id) for id in can if id != now.sampler)])
        self._left, self._outcome = len(self._todo), ""
        self.comparing_changed.emit(True)
        self._sampling.generate(self._todo.popleft())

    def drop(self) -> None:
        """Compare no further."""
        self._todo.clear()
        if self._left:
            self._left = 0
            self.comparing_changed.emit(False)

    # Looking

    def look_at(self, restored: Restored) -> None:
        """Look at an earlier restoration again."""
        self.shown = restored
        self.changed.emit()
        self.rows_changed.emit()

    def _on_started(self, live: LiveRun) -> None:
        take = self._sampling.take_of(live.job)
        self._live = Restored(live.recipe, total=live.trajectory.total, take=take)
        self.shown = self._live
        self.changed.emit()

    def _on_progressed(self, progress: Progress) -> None:
        run = self._desk.live
        if self._live is None or run is None or run.job != progress.job:
            return
        looked = self.shown is self._live
        self._live = replace(self._live, seconds=progress.elapsed).followed(run.trajectory)
        if looked:
            self.shown = self._live
            self.changed.emit()

    def _on_ended(self, ending: Ending) -> None:
        live, self._live = self._live, None
        self._outcome = ending.outcome
        if live is None:
            return
        looked = self.shown is live
        ended = replace(live, seconds=ending.seconds, outcome=ending.outcome, nfe=ending.nfe)
        if ending.trajectory is not None:
            ended = replace(ended.followed(ending.trajectory), nfe=ending.nfe)
        if ending.pictures is not None:
            ended = replace(ended, pictures=ending.pictures, final=ending.figures)
        if ending.outcome == "finished":
            self._remember(ended)
        if looked:
            self.shown = ended if ended.pictures is not None else None
        self.changed.emit()

    def _on_shown(self, shown: Shown) -> None:
        """Take in an earlier restoration that is opened from the library."""
        frames, run = shown.trajectory, self._desk.live
        if frames is None or (run is not None and frames is run.trajectory):
            return
        known = next((each for each in self._known if each.take == shown.id), None)
        opened = Restored(shown.recipe, take=shown.id, outcome="finished").followed(frames)
        self._remember(known or opened)
        self.look_at(known or opened)

    def _on_picture_changed(self) -> None:
        """Look away from what was made of another picture; its takes stay in the library."""
        task = self._desk.editor.recipe.restoration
        mine = self.shown.recipe.restoration if self.shown is not None else None
        other = mine is not None and (task is None or not mine.picture.is_same(task.picture))
        if other and not self._desk.running:
            self.shown = None
            self.changed.emit()

    def _remember(self, restored: Restored) -> None:
        kept = [each for each in self._known if not each.is_like(restored)]
        self._known = [*kept, restored][-MOST:]
        self.rows_changed.emit()

    def _on_running_changed(self, running: bool) -> None:
        if not running and self.comparing:
            QTimer.singleShot(0, self, self._go_on)

    def _go_on(self) -> None:
        """Begin with the next method; a stop ends the comparison, a failure does not."""
        outcome, self._outcome = self._outcome, ""
        if self._desk.running or not self.comparing:
            return
        if outcome not in ("finished", "failed") or not self._todo:
            self.drop()
            if outcome == "finished":
                self._look_at_the_chosen()
            return
        self._left -= 1
        self._sampling.generate(self._todo.popleft())

    def _look_at_the_chosen(self) -> None:
        """Look at what the method on the panel made, and not at what came last."""
        chosen = self._desk.editor.recipe.sampler
        mine = next((row for row in self.rows if row.recipe.sampler == chosen), None)
        if mine is not None:
            self.look_at(mine)


def _by(recipe: Recipe, method: str) -> Recipe:
    """Return the recipe by another method, in its usual steps and with its usual knobs."""
    changed = edited(recipe, "sampler", method).model_copy(update={"knobs": {}})
    usual = METHODS[method].usual_steps
    return edited(changed, "steps", usual) if usual else changed
