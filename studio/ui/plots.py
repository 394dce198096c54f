"""Keep the plots true to what is looked at: the schedule, and what is measured of each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.diffusion import SOLVERS
from studio.session.reading.figures import MEASURES, expected
from studio.session.reading.reading import Reading

if TYPE_CHECKING:
    from studio.engine.plan import Plan
    from studio.library import Recipe
    from studio.session.sampling import Shown
    from studio.ui.sigma.plot import SchedulePlot
    from studio.ui.step_plot import StepPlot


class Plots(QObject):
    """Hold both plots, which are made after the window is on the screen."""

    step_chosen = Signal(int)
    """The person clicked or dragged to this step."""
    step_hovered = Signal(object)
    """The mouse is over this step; None once it is over none."""

    def __init__(self, reading: Reading, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reading = reading
        self.schedule: SchedulePlot | None = None
        self.steps: StepPlot | None = None
        self._shown: Shown | None = None
        self._plan: Plan | None = None
        self._recipe: Recipe | None = None
        self._previous: tuple[float, ...] = ()
        self._index, self._followed = -1, 0
        reading.grown.connect(self.update_steps)
        reading.choice_changed.connect(lambda _choice: self.update_steps())

    def add(self, schedule: SchedulePlot, steps: StepPlot) -> None:
        """Take in the plots."""
        self.schedule, self.steps = schedule, steps
        for plot in (schedule, steps):
            plot.step_chosen.connect(self.step_chosen)
            plot.step_hovered.connect(self.step_hovered)
        steps.measure_chosen.connect(lambda id: self._reading.choose(measure=id))
        self.update()

    def show(self, shown: Shown) -> None:
        """Draw another run or take, or the same where it leads elsewhere from now on."""
        before, self._shown = self._shown, shown
        if before is not None and before.trajectory is not shown.trajectory:
            self._previous = before.levels
        self.update()

    def show_plan(self, plan: Plan | None, recipe: Recipe) -> None:
        """Draw the schedule that the knobs now ask for."""
        self._plan, self._recipe = plan, recipe
        self.update_schedule()

    def follow(self, picture: int) -> None:
        """Measure another picture of the batch."""
        self._followed = picture
        self.update_steps()

    def mark(self, index: int) -> None:
        """Mark the step that is looked at."""
        self._index = index
        if self.schedule is not None and self.steps is not None:
            self.schedule.set_cursor(index)
            self.steps.set_cursor(index)

    def update(self) -> None:
        """Draw both anew."""
        self.update_schedule()
        self.update_steps()

    def update_schedule(self) -> None:
        """Draw the levels of the plan, and before them those of what is shown."""
        plot = self.schedule
        if plot is None:
            return
        shown = self._shown.levels if self._shown is not None else ()
        planned = self._plan.levels if self._plan is not None else shown
        planned = planned or shown  # an adaptive solver has no plan, but it has a past
        plot.set_sigmas(planned)
        plot.set_taken(shown if shown != planned else ())
        plot.set_previous(self._previous if shown == planned else ())
        plot.set_band(_band(self._recipe))
        self.mark(self._index)

    def update_steps(self) -> None:
        """Draw the measure as far as it is known."""
        plot, frames = self.steps, self._reading.frames
        if plot is None:
            return
        measure = MEASURES.get(self._reading.choice.measure, MEASURES["error"])
        plot.set_measure(measure)
        if frames is None:
            plot.set_data([], [])
            plot.set_lines(self._reading.lines(measure.id), 0)
            return
        lines = self._reading.lines(measure.id)
        if measure.id == "error":
            changes = self._reading.lines("change")
            both = [each[:, self._followed].tolist() for each in (lines, changes)]
            plot.set_data(both[0], both[1], frames.total)
        else:
            known, total = expected(measure.id, frames), frames.total or len(frames)
            plot.set_lines(lines, self._followed, known, total)
        self.mark(self._index)


def _band(recipe: Recipe | None) -> tuple[float, float] | None:
    """Return the σ between which churn acts, or None where there is none."""
    spec = SOLVERS.get(recipe.sampler) if recipe is not None else None
    if recipe is None or spec is None:
        return None
    values = {knob.id: recipe.knobs.get(knob.id, knob.default) for knob in spec.knobs}
    if not values.get("s_churn") or values.get("churn_curve"):
        return None
    return float(values["s_tmin"]), float(values["s_tmax"])
