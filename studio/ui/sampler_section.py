"""Solver, schedule, steps and range of noise levels, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton

from studio.diffusion import SAMPLERS, SCHEDULES, SOLVERS, KnobError
from studio.ui.knob_row import NumberRow
from studio.ui.knob_stack import KnobStack
from studio.ui.panel_knobs import SIGMA_MAX, SIGMA_MIN, STEPS
from studio.ui.recipe_section import RecipeSection, Remark
from studio.ui.spec_row import SpecRow
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.diffusion import Knob, Spec
    from studio.library import Recipe
    from studio.library.fits import Fit
    from studio.models import ModelInfo

_COST_TIP = (
    "Steps of the schedule, and evaluations of the model for one picture (NFE). "
    "Compare samplers at equal NFE, not at equal steps."
)


class SamplerSection(RecipeSection):
    """Edit what the solver does; the heading says what it costs, a last line why it cannot run."""

    fit_wanted = Signal()
    """The schedule that was fitted to the model is wanted."""

    def __init__(self) -> None:
        super().__init__("Sampler")
        self.sampler = SpecRow("sampler", "Solver", SAMPLERS, "heun")
        self.schedule = SpecRow("schedule", "Schedule", SCHEDULES, "karras")
        self.steps = NumberRow(STEPS)
        self.sigma_max = NumberRow(SIGMA_MAX, automatic=True)
        self.sigma_min = NumberRow(SIGMA_MIN, automatic=True)
        self.schedule_knobs = KnobStack("schedule_knobs.")
        self.knobs = KnobStack("knobs.")
        self.add_rows(self.sampler, self.schedule, self.steps, self.sigma_max, self.sigma_min)
        self.add_rows(self.schedule_knobs, self.knobs)
        self.header.note.setObjectName("cost")
        self.header.note.setAccessibleName("Cost")
        self.header.set_tip(_COST_TIP)
        self.offer = _offer()
        self.offer.clicked.connect(self.fit_wanted)
        self.add(self.offer)
        self.problem = Remark("error")
        self.add(self.problem)
        self._info: ModelInfo | None = None

    def show_recipe(
        self, recipe: Recipe, sigmas: tuple[float, ...] = (), problem: str = ""
    ) -> None:
        """Show solver, schedule, range and cost of `recipe`; `sigmas` is the list it leads to."""
        self.sampler.set_value(recipe.sampler)
        self.schedule.set_value(recipe.schedule)
        self.steps.set_value(recipe.steps)
        spec = SCHEDULES.get(recipe.schedule)
        self._show_range(recipe, sigmas, spec)
        self.schedule_knobs.set_knobs(spec.knobs if spec else ())
        self.schedule_knobs.show_values(recipe.schedule_knobs)
        self.knobs.set_knobs(knobs_of(recipe.sampler, ""))
        self.knobs.show_values(recipe.knobs)
        self.set_note("" if problem else cost_text(recipe, sigmas))
        self.problem.say(problem)

    def show_model(self, info: ModelInfo | None) -> None:
        """Fit the sliders of σ to the range of the model."""
        self._info = info
        if info is not None and 0 < info.sigma_max < float("inf"):
            top = info.sigma_max
            self.sigma_max.set_ends(min(1.0, top / 10), top)
            self.sigma_min.set_ends(max(info.sigma_min, top * 1e-6), min(1.0, top / 10))

    def show_offer(self, fit: Fit | None, nfe: int | None) -> None:
        """Offer a schedule that was fitted to the model, solver and steps, or none."""
        self.offer.setVisible(fit is not None)
        if fit is not None:
            gain = 1 - fit.error / fit.public_error
            self.offer.setText(f"Use the fitted schedule · error −{100 * gain:.0f} %")
            self.offer.setToolTip(
                wrapped(
                    f"A list of σ fitted to this model, solver and number of steps. With {nfe} NFE "
                    f"its error is {fit.error:.3g}; the best public choice, {fit.public}, has "
                    f"{fit.public_error:.3g}. Both on noise that the fit has not seen."
                )
            )

    def _show_range(self, recipe: Recipe, sigmas: tuple[float, ...], spec: Spec | None) -> None:
        low, high = self._own_range(recipe, spec) or (
            (sigmas[-2], sigmas[0]) if len(sigmas) > 1 else (None, None)
        )
        for row, value, own in (
            (self.sigma_min, recipe.sigma_min, low),
            (self.sigma_max, recipe.sigma_max, high),
        ):
            if value is not None:
                row.set_value(value)
            else:
                row.set_automatic(float(row.knob.default) if own is None else own)

    def _own_range(self, recipe: Recipe, spec: Spec | None) -> tuple[float, float] | None:
        """Return the range the schedule takes by itself on this model."""
        found = _range_of(spec, recipe.schedule_knobs) if spec else None
        if found is None or self._info is None:
            return found
        return max(found[0], self._info.sigma_min), min(found[1], self._info.sigma_max)


def _offer() -> QPushButton:
    button = QPushButton()
    button.setObjectName("fitted")
    button.setAccessibleName("Use the fitted schedule")
    button.setToolTip("Take the list of σ that was fitted to this model")
    button.setProperty("kind", "link")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.hide()
    return button


def knobs_of(sampler: str, group: str) -> tuple[Knob, ...]:
    """Return the knobs of a sampler that belong to one section of the panel."""
    spec = SAMPLERS.get(sampler)
    return tuple(knob for knob in spec.knobs if knob.group == group) if spec else ()


def cost_text(recipe: Recipe, sigmas: tuple[float, ...]) -> str:
    """Return “18 steps · 35 NFE”, or “17 of 18 steps …” where the schedule gives fewer."""
    spec = SOLVERS.get(recipe.sampler)
    if spec is None:
        return ""
    if spec.adaptive:
        return "as many steps as it takes"
    steps = len(sigmas) - 1 if len(sigmas) > 1 else recipe.steps
    asked = "" if steps == recipe.steps else f" of {recipe.steps:,}"
    noun = "step" if recipe.steps == 1 else "steps"
    return f"{steps:,}{asked} {noun} · {_nfe(spec, steps, recipe)} NFE"


def _nfe(spec: Spec, steps: int, recipe: Recipe) -> str:
    try:
        nfe = spec.nfe(steps, **recipe.knobs)
    except KnobError:
        return "–"
    return "–" if nfe is None else f"{nfe:,}"


def _range_of(spec: Spec, given: Mapping[str, object]) -> tuple[float, float] | None:
    try:
        return spec.range_with(given)
    except KnobError:
        return spec.sigma_range
