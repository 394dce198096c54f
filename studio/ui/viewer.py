"""Follow a run or a take: it joins the canvas, the timeline and the plots over one trajectory."""

import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from studio.diffusion import SAMPLERS
from studio.engine.job import Progress
from studio.engine.plan import Plan
from studio.library import Recipe, Trajectory
from studio.session.planes import glimpse, is_planar
from studio.session.sampling import Shown
from studio.session.views import LABELS, view
from studio.ui.canvas import Canvas
from studio.ui.pictures import read_pictures, to_pixels
from studio.ui.timeline import Timeline

if TYPE_CHECKING:
    import numpy as np

    from studio.ui.sigma.plot import SchedulePlot
    from studio.ui.step_plot import StepPlot

LOADING_SECONDS = 0.008


class Viewer(QObject):
    """Hold the step, the picture and the view that are looked at, and show them everywhere."""

    looked_at = Signal(int)
    """Another step is looked at: its index."""

    def __init__(self, canvas: Canvas, timeline: Timeline, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._timeline = timeline
        self._schedule_plot: SchedulePlot | None = None
        self._step_plot: StepPlot | None = None
        self._shown: Shown | None = None
        self._plan: Plan | None = None
        self._recipe: Recipe | None = None
        self._previous: tuple[float, ...] = ()
        self._grows = False  # where nobody knows how many steps there will be
        self._reached = self._count = 0
        self._bare: deque[int] = deque()  # steps whose thumbnails are still to be loaded
        self._loading = QTimer(self, singleShot=True, interval=0)
        self._loading.timeout.connect(self._load_thumbnails)
        self.view = "x0"
        self.followed = 0
        self.index = -1
        canvas.followed.connect(self._on_followed)
        canvas.view_changed.connect(self.set_view)
        canvas.plane.model_known.connect(self._renew_thumbnails)
        timeline.step_chosen.connect(self.look_at)

    @property
    def trajectory(self) -> Trajectory | None:
        """Return the trajectory that is looked at."""
        return self._shown.trajectory if self._shown is not None else None

    @property
    def recipe(self) -> Recipe | None:
        """Return the recipe of what is looked at."""
        return self._shown.recipe if self._shown is not None else None

    def add_plots(self, schedule_plot: "SchedulePlot", step_plot: "StepPlot") -> None:
        """Take in the plots, which are made after the window is on the screen."""
        self._schedule_plot, self._step_plot = schedule_plot, step_plot
        schedule_plot.step_chosen.connect(self._timeline.choose)
        step_plot.step_chosen.connect(self._timeline.choose)
        self._update_schedule_plot()
        self._update_step_plot()

    def show(self, shown: Shown) -> None:
        """Look at another run or take, at its newest step."""
        if self._shown is not None and self._shown.trajectory is shown.trajectory is not None:
            self._show_again(shown)
            return
        if self._shown is not None:
            self._previous = self._shown.levels
        self._shown = shown
        self._grows = shown.trajectory is not None and shown.trajectory.total is None
        self._reached = 0
        self._bare.clear()
        self.index = -1
        count = len(shown.recipe.seeds)
        if self._count not in (0, count):
            self._canvas.clear()
        self._count = count
        self.followed = min(self.followed, count - 1)
        self._canvas.set_captions(_captions(shown.recipe))
        self._timeline.set_total(max(1, len(shown.levels) - 1))
        self._name_followed()
        self._update_schedule_plot()
        self._update_step_plot()
        if shown.trajectory is None:
            self._show_files(shown.pictures)
        self._catch_up()

    def _show_again(self, shown: Shown) -> None:
        """Look at the same run, which may lead elsewhere from now on."""
        before, self._shown = self._shown, shown
        if before is not None and before.recipe.segments != shown.recipe.segments:
            self._timeline.set_length(max(1, len(shown.levels) - 1))
            self._update_schedule_plot()
            self._update_step_plot()

    def _show_files(self, pictures: Sequence[Path]) -> None:
        """Show the pictures of a take whose steps are gone."""
        self._canvas.show_plane(False)
        if pictures:
            self._canvas.set_pictures(read_pictures(pictures))
        else:
            self._canvas.clear()
        self._canvas.set_status("")
        self._timeline.clear_thumbnails()

    def show_progress(self, progress: Progress) -> None:
        """Take in the steps that have come since."""
        self._catch_up()

    def show_plan(self, plan: Plan | None, recipe: Recipe) -> None:
        """Draw the schedule that the knobs now ask for."""
        self._plan, self._recipe = plan, recipe
        self._update_schedule_plot()

    def look_at(self, index: int) -> None:
        """Show the step `index` on the canvas and mark it in timeline and plots."""
        frames = self.trajectory
        if frames is None or len(frames) == 0:
            return
        self.index = max(0, min(index, len(frames) - 1))
        self._timeline.set_current(self.index)
        self._show_step(frames, self.index)
        self._mark_cursor()
        self.looked_at.emit(self.index)

    def _show_step(self, frames: Trajectory, index: int) -> None:
        recipe, planar = self.recipe, is_planar(frames)
        self._canvas.show_plane(planar)
        if planar and recipe is not None:
            self._canvas.plane.show_step(frames, recipe, index, self.view)
        else:
            self._canvas.set_pictures(view(frames, index, self.view))

    def set_view(self, name: str) -> None:
        """Show the state x, x̂₀, ε or Δ from now on."""
        self.view = name if name in LABELS else "x0"
        self._canvas.set_view(self.view)
        self.look_at(self.index)

    @property
    def shows_result(self) -> bool:
        """Tell whether the picture is the one that the recipe makes, and no step towards it."""
        frames, recipe = self.trajectory, self.recipe
        if frames is None or recipe is None or self.view != "x0":
            return False
        last = 0 <= self.index == len(frames) - 1
        return last and frames.sigmas_next[-1] == list(recipe.parts())[-1][1].sigmas[-1]

    def picture(self, index: int | None = None) -> "np.ndarray | None":
        """Return a picture, or the followed one, as the canvas shows it: uint8, (H, W, 3)."""
        frames = self.trajectory
        if frames is None or self.index < 0:
            return None
        if is_planar(frames):
            return to_pixels(self._canvas.plane.plot.picture())
        batch = view(frames, self.index, self.view)
        pixels: np.ndarray = batch[self.followed if index is None else index]
        return pixels

    def name_of(self, index: int) -> str:
        """Return a file name for a picture as it is seen, without its ending."""
        recipe = self.recipe
        if recipe is None:
            return "picture"
        name = f"seed{recipe.seeds[index]}-{recipe.sampler}-{recipe.steps}"
        return name if self.shows_result else f"{name}-{self.view}-step{self.index + 1}"

    def _catch_up(self) -> None:
        frames = self.trajectory
        if frames is None:
            return
        done = len(frames)
        if done == self._reached:
            return
        self._bare.extend(range(self._reached, done))
        self._reached = done
        self._load_thumbnails()
        self._timeline.set_reached(done)
        self._update_step_plot()
        if self._grows:
            self._update_schedule_plot()
        if self._timeline.following or self.index < 0:
            self.look_at(done - 1)

    def _on_followed(self, index: int) -> None:
        if index >= self._count:  # of the batch before, whose pictures are still there
            return
        self.followed = index
        self._name_followed()
        self._renew_thumbnails()
        self._update_step_plot()

    def _renew_thumbnails(self) -> None:
        self._bare = deque(range(self._reached))
        self._load_thumbnails()

    def _load_thumbnails(self) -> None:
        """Fill the filmstrip for as long as nobody notices, and go on after the next events."""
        frames, end = self.trajectory, time.perf_counter() + LOADING_SECONDS
        while frames is not None and self._bare and time.perf_counter() < end:
            step = self._bare.popleft()
            picture = glimpse(frames, step, self.followed, self._canvas.plane.info)
            self._timeline.set_thumbnail(step, picture)
        if self._bare and not self._loading.isActive():
            self._loading.start()

    def _name_followed(self) -> None:
        recipe = self.recipe
        if recipe is not None:
            self._canvas.set_followed(self.followed)
            self._timeline.set_title(f"Trajectory of seed {recipe.seeds[self.followed]}")

    def _mark_cursor(self) -> None:
        if self._schedule_plot is not None and self._step_plot is not None:
            self._schedule_plot.set_cursor(self.index)
            self._step_plot.set_cursor(self.index)

    def _update_schedule_plot(self) -> None:
        plot = self._schedule_plot
        if plot is None:
            return
        shown = self._shown.levels if self._shown is not None else ()
        planned = self._plan.levels if self._plan is not None else shown
        planned = planned or shown  # an adaptive solver has no plan, but it has a past
        plot.set_sigmas(planned)
        plot.set_previous(shown if shown != planned else self._previous)
        plot.set_band(_band(self._recipe))
        self._mark_cursor()

    def _update_step_plot(self) -> None:
        frames = self.trajectory
        if self._step_plot is None:
            return
        if frames is None:
            self._step_plot.set_data([], [])
            return
        self._step_plot.set_data(*_measures(frames, self.followed), total=frames.total)
        self._mark_cursor()


def _captions(recipe: Recipe) -> Sequence[str]:
    return [f"seed {seed}" for seed in recipe.seeds]


def _measures(frames: Trajectory, followed: int) -> tuple[list[float | None], list[float | None]]:
    def at(values: "np.ndarray | None") -> float | None:
        return None if values is None else float(values[followed])

    return [at(e) for e in frames.errors], [at(c) for c in frames.changes]


def _band(recipe: Recipe | None) -> tuple[float, float] | None:
    """Return the σ between which churn acts, or None where there is none."""
    spec = SAMPLERS.get(recipe.sampler) if recipe is not None else None
    if recipe is None or spec is None:
        return None
    values = {knob.id: recipe.knobs.get(knob.id, knob.default) for knob in spec.knobs}
    if not values.get("s_churn"):
        return None
    return float(values["s_tmin"]), float(values["s_tmax"])
