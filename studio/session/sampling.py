"""Generate, stop and live sampling."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.engine import Engine
from studio.engine.job import Ending, LiveRun, Progress
from studio.engine.plan import levels
from studio.library import Recipe, Trajectory

LIVE_DELAY_MS = 80


@dataclass(frozen=True, slots=True)
class Shown:
    """What the canvas looks at: a run in progress or an earlier take.

    `pictures` are the files of a take whose steps are gone.
    """

    recipe: Recipe
    trajectory: Trajectory | None
    take: str = ""
    pictures: tuple[Path, ...] = ()

    @property
    def levels(self) -> tuple[float, ...]:
        """Return the σ before each step and the last one, as far as they are known."""
        frames = self.trajectory
        if frames is not None and frames.total is None and len(frames):
            return (*frames.sigmas, frames.sigmas_next[-1])
        return levels(self.recipe.sampler, self.recipe.knobs, self.recipe.sigmas)


class Sampling(QObject):
    """Send recipes to the engine and follow the newest job; older jobs only deliver their end.

    A live run that was overtaken by the next change leaves no take; every other run that finished
    a step does.
    """

    started = Signal(object)  # LiveRun
    progressed = Signal(object)  # Progress
    ended = Signal(object)  # Ending of the newest job
    take_made = Signal(object)  # Ending worth keeping, of any job
    running_changed = Signal(bool)

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._job = 0
        self._live_jobs: set[int] = set()
        self._dropped: set[int] = set()
        self.running = False
        self._live_timer = QTimer(self, singleShot=True, interval=LIVE_DELAY_MS)
        self._live_timer.timeout.connect(self._on_live_due)
        self._live_recipe: Recipe | None = None
        engine.run_started.connect(self._on_started)
        engine.progressed.connect(self._on_progressed)
        engine.run_ended.connect(self._on_ended)

    def generate(self, recipe: Recipe) -> None:
        """Sample `recipe` now; a run in progress is cut short and keeps its partial take."""
        self._live_timer.stop()
        self._submit(recipe)

    def resample(self, recipe: Recipe) -> None:
        """Sample `recipe` once no further change has come for 80 ms; a live run stops at once."""
        self._live_recipe = recipe
        if self._job in self._live_jobs and self.running:
            self._dropped.add(self._job)
            self._engine.stop()
        self._live_timer.start()

    def stop(self) -> None:
        """Stop before the next network call and keep what there is."""
        self._live_timer.stop()
        self._engine.stop()

    def drop_pending(self) -> None:
        """Forget a change that waits to be sampled: another model is being opened."""
        self._live_timer.stop()

    def _submit(self, recipe: Recipe) -> None:
        self._job = self._engine.submit(recipe)
        self._set_running(True)

    def _set_running(self, running: bool) -> None:
        if running != self.running:
            self.running = running
            self.running_changed.emit(running)

    def _on_live_due(self) -> None:
        if self._live_recipe is not None:
            self._submit(self._live_recipe)
            self._live_jobs.add(self._job)

    def _on_started(self, live: LiveRun) -> None:
        if live.job == self._job:
            self.started.emit(live)

    def _on_progressed(self, progress: Progress) -> None:
        if progress.job == self._job and self.running:
            self.progressed.emit(progress)

    def _on_ended(self, ending: Ending) -> None:
        unwanted = ending.job in self._dropped and ending.outcome != "finished"
        self._dropped.discard(ending.job)
        self._live_jobs.discard(ending.job)
        if ending.outcome != "failed" and not unwanted:
            self.take_made.emit(ending)
        if ending.job == self._job:
            self._set_running(False)
            self.ended.emit(ending)
