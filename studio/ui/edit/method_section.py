"""The method that restores, its steps and its knobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QColor

from studio.diffusion import METHODS, SCHEDULES
from studio.ui.group_section import STOCHASTICITY
from studio.ui.icon_button import IconButton
from studio.ui.knob_row import NumberRow
from studio.ui.knob_stack import KnobStack
from studio.ui.panel_knobs import SIGMA_MAX, SIGMA_MIN, STEPS
from studio.ui.recipe_section import RecipeSection, Remark
from studio.ui.sampler_section import cost_text
from studio.ui.spec_row import SpecRow
from studio.ui.theme import current
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.library import Recipe
    from studio.models import ModelInfo

DEFAULT = "ddrm"
USUAL_STEPS = 20
"""Steps of a method whose paper gives no number of its own."""


class MethodSection(RecipeSection):
    """Edit the method of a recipe; the heading says what it costs."""

    guide_wanted = Signal()
    """The page about the chosen method is wanted."""

    def __init__(self) -> None:
        super().__init__("Method", folds=False)
        default = DEFAULT if DEFAULT in METHODS else next(iter(METHODS), DEFAULT)
        self.method = SpecRow("sampler", "Method", METHODS, default)
        self.method.box.setObjectName("method")
        self.method.box.setAccessibleName("Method")
        self.guide = IconButton("help", "About this method", "What it solves, and when it fails")
        self.guide.setObjectName("method_guide")
        self.guide.clicked.connect(self.guide_wanted)
        self.steps = NumberRow(STEPS)
        self.knobs = KnobStack("knobs.")
        self.noisy = KnobStack("knobs.", noise=True)
        self.problem = Remark("error")
        self.add_rows(self.method)
        self.add(self.problem)
        self.add_rows(self.steps, self.knobs, self.noisy)
        self.add_to_heading(self.guide)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show the method of a recipe and its knobs."""
        self.method.set_value(recipe.sampler)
        spec = METHODS.get(recipe.sampler)
        usual = (spec.usual_steps if spec else 0) or USUAL_STEPS
        self.steps.knob = STEPS.with_default(usual)
        self.steps.set_value(recipe.steps)
        knobs = spec.knobs if spec else ()
        for stack, noisy in ((self.knobs, False), (self.noisy, True)):
            stack.set_knobs([knob for knob in knobs if (knob.group == STOCHASTICITY) == noisy])
            stack.show_values(recipe.knobs)

    def show_refusals(self, refusals: Mapping[str, str]) -> None:
        """Mute the methods that cannot serve, by their ids; their tool tips say why."""
        box, tokens = self.method.box, current()
        for place in range(box.count()):
            spec = METHODS.get(str(box.itemData(place)))
            if spec is None:
                continue
            why = refusals.get(spec.id, "")
            tip = wrapped(why, spec.help) if why else wrapped(spec.help, spec.source)
            box.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
            colour = QBrush(QColor(tokens.disabled)) if why else None
            box.setItemData(place, colour, Qt.ItemDataRole.ForegroundRole)

    def say(self, recipe: Recipe, sigmas: tuple[float, ...], problem: str) -> None:
        """Show what the method costs, or why it cannot serve."""
        self.set_note("" if problem else cost_text(recipe, sigmas))
        self.problem.say(problem)


class LevelsSection(RecipeSection):
    """Edit through which levels of noise the method goes; it begins folded."""

    def __init__(self) -> None:
        super().__init__("Noise levels", collapsed=True)
        self.schedule = SpecRow("schedule", "Schedule", SCHEDULES, "karras")
        self.sigma_max = NumberRow(SIGMA_MAX, automatic=True)
        self.sigma_min = NumberRow(SIGMA_MIN, automatic=True)
        self.knobs = KnobStack("schedule_knobs.")
        self.add_rows(self.schedule, self.sigma_max, self.sigma_min, self.knobs)

    def show_recipe(self, recipe: Recipe, sigmas: tuple[float, ...] = ()) -> None:
        """Show the schedule; `sigmas` is the list that it leads to, empty if not known."""
        self.schedule.set_value(recipe.schedule)
        spec = SCHEDULES.get(recipe.schedule)
        self.knobs.set_knobs(spec.knobs if spec else ())
        self.knobs.show_values(recipe.schedule_knobs)
        ends = (sigmas[0], sigmas[-2]) if len(sigmas) > 1 else (None, None)
        for row, value, end in (
            (self.sigma_max, recipe.sigma_max, ends[0]),
            (self.sigma_min, recipe.sigma_min, ends[1]),
        ):
            if value is not None:
                row.set_value(value)
            else:
                row.set_automatic(float(row.knob.default) if end is None else end)

    def show_model(self, info: ModelInfo | None) -> None:
        """Fit the sliders of σ to the range of the model."""
        if info is not None and 0 < info.sigma_max < float("inf"):
            top = info.sigma_max
            self.sigma_max.set_ends(min(1.0, top / 10), top)
            self.sigma_min.set_ends(max(info.sigma_min, top * 1e-6), min(1.0, top / 10))
