"""Generate, branch, stop and live sampling."""

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.engine import Engine
from studio.engine.job import Ending, LiveRun, Progress
from studio.engine.leg import way_of
from studio.library import Recipe, Trajectory
from studio.library.take import new_id

LIVE_DELAY_MS = 80


@dataclass(frozen=True, slots=True)
class Shown:
    """What the canvas looks at: a run in progress or an earlier take.

    `id` is that of the take, which a run has from its beginning; `stored` says that the take lies
    in the library. `pictures` are the files of a take whose steps are gone.
    """

    recipe: Recipe
    trajectory: Trajectory | None
    id: str = ""
    stored: bool = False
    pictures: tuple[Path, ...] = ()

    @property
    def levels(self) -> tuple[float, ...]:
        """Return the σ before each step and the last one, as far as they are known."""
        frames = self.trajectory
        taken = (*frames.sigmas, frames.sigmas_next[-1]) if frames is not None and frames else ()
        if frames is not None and frames.total is None:
            return taken
        return way_of(self.recipe, taken)


@dataclass(frozen=True, slots=True)
class _Kin:
    """The take that a job will make and the one it branched from."""

    take: str
    parent: str | None = None


def _pictures(recipe: Recipe) -> tuple[object, ...]:
    """Return what cannot change while pictures are being made."""
    return recipe.seeds, recipe.width, recipe.height, recipe.restoration, recipe.start


class Sampling(QObject):
    """Send recipes to the engine and follow the newest job; older jobs only deliver their end.

    A live run that was overtaken by the next change leaves no take; every other run that finished
    a step does.
    """

    preparing = Signal(str)  # what the newest job needs before its first step, or nothing
    started = Signal(object)  # LiveRun
    changed = Signal(object)  # LiveRun that goes on with other knobs
    progressed = Signal(object)  # Progress
    ended = Signal(object)  # Ending of the newest job
    take_made = Signal(object)  # Ending worth keeping, of any job
    checked = Signal(object)  # Ending of a job that was only to be compared
    running_changed = Signal(bool)

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._job = 0
        self._kin: dict[int, _Kin] = {}
        self._live_jobs: set[int] = set()
        self._dropped: set[int] = set()
        self._checks: set[int] = set()
        self.running = False
        self.recipe = Recipe()  # of the newest job
        self._live_timer = QTimer(self, singleShot=True, interval=LIVE_DELAY_MS)
        self._live_timer.timeout.connect(self._on_live_due)
        self._live_wish: tuple[Recipe, Trajectory | None] | None = None
        engine.preparing.connect(self._on_preparing)
        engine.run_started.connect(self._on_started)
        engine.run_changed.connect(self._on_changed)
        engine.progressed.connect(self._on_progressed)
        engine.run_ended.connect(self._on_ended)

    def generate(self, recipe: Recipe) -> None:
        """Sample `recipe` now; a run in progress is cut short and keeps its partial take."""
        self._live_timer.stop()
        self._submit(recipe)

    def branch(self, recipe: Recipe, past: Trajectory | None, parent: str) -> None:
        """Go on after the steps of an earlier take, or repeat them first where they are gone."""
        self._live_timer.stop()
        self._submit(recipe, past, parent or None)

    def check(self, recipe: Recipe) -> None:
        """Sample a recipe to see what comes of it; it ends in `checked` and makes no take."""
        self._live_timer.stop()
        self._submit(recipe)
        self._checks.add(self._job)

    def resample(self, recipe: Recipe, past: Trajectory | None = None) -> None:
        """Sample `recipe` once no further change has come for 80 ms; a live run stops at once.

        `past` holds steps that it would only take again; then the recipe is frozen.
        """
        self._live_wish = recipe, past
        if self._job in self._live_jobs and self.running:
            self._dropped.add(self._job)
            self._engine.stop()
        self._live_timer.start()

    def steer(self, recipe: Recipe) -> bool:
        """Let the run in progress go on with other knobs; return False where it cannot.

        It cannot where nothing runs that the person started, or the pictures are to be others.
        """
        can = self.running and self._job not in self._live_jobs
        if not can or _pictures(self.recipe) != _pictures(recipe):
            return False
        self._engine.change(self._job, recipe)
        return True

    def stop(self) -> None:
        """Stop before the next network call and keep what there is."""
        self._live_timer.stop()
        self._engine.stop()

    def drop_pending(self) -> None:
        """Forget a change that waits to be sampled: another model is being opened."""
        self._live_timer.stop()

    @property
    def job(self) -> int:
        """Return the newest job."""
        return self._job

    def by_wish(self, job: int) -> bool:
        """Tell whether the person asked for a job, and no knob that acts at once or a check did."""
        return job not in self._live_jobs and job not in self._checks

    def take_of(self, job: int) -> str:
        """Return the id of the take that a job will make."""
        return self._kin[job].take if job in self._kin else ""

    def parent_of(self, job: int) -> str | None:
        """Return the id of the take from which a job branched, if it did."""
        return self._kin[job].parent if job in self._kin else None

    def parent_of_take(self, take_id: str) -> str | None:
        """Return the id of the take from which one branched that is not stored yet."""
        found = (kin.parent for kin in self._kin.values() if kin.take == take_id)
        return next(found, None)

    def _submit(
        self, recipe: Recipe, past: Trajectory | None = None, parent: str | None = None
    ) -> None:
        self.recipe = recipe
        if not self.running:
            self._kin.clear()
        self._job = self._engine.submit(recipe, past)
        self._kin[self._job] = _Kin(new_id(), parent)
        self._set_running(True)

    def _set_running(self, running: bool) -> None:
        if running != self.running:
            self.running = running
            self.running_changed.emit(running)

    def _on_live_due(self) -> None:
        if self._live_wish is not None:
            self._submit(*self._live_wish)
            self._live_jobs.add(self._job)

    def _on_preparing(self, job: int, doing: str) -> None:
        if job == self._job:
            self.preparing.emit(doing)

    def _on_started(self, live: LiveRun) -> None:
        if live.job == self._job:
            self.started.emit(live)

    def _on_changed(self, live: LiveRun) -> None:
        if live.job == self._job:
            self.changed.emit(live)

    def _on_progressed(self, progress: Progress) -> None:
        if progress.job == self._job and self.running:
            self.progressed.emit(progress)

    def _on_ended(self, ending: Ending) -> None:
        unwanted = ending.job in self._dropped and ending.outcome != "finished"
        self._dropped.discard(ending.job)
        self._live_jobs.discard(ending.job)
        if ending.job in self._checks:
            self._checks.discard(ending.job)
            self.checked.emit(ending)
        elif ending.outcome != "failed" and not unwanted:
            kin = self._kin[ending.job]
            self.take_made.emit(replace(ending, take=kin.take, parent=kin.parent))
        if ending.job == self._job:
            self._set_running(False)
            self.ended.emit(ending)
        else:
            self._kin.pop(ending.job, None)
