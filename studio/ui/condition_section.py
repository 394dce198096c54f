"""What the pictures shall show, and how strictly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion.guidance import GUIDANCE_CURVE
from studio.ui.class_row import ClassRow
from studio.ui.knob_row import NumberRow
from studio.ui.panel_knobs import GUIDANCE, GUIDANCE_HIGH, GUIDANCE_LOW
from studio.ui.range_row import RangeRow
from studio.ui.recipe_section import RecipeSection, Remark
from studio.ui.text_row import TextRow

if TYPE_CHECKING:
    from studio.library import Recipe
    from studio.models import ModelInfo


class ConditionSection(RecipeSection):
    """Edit class and guidance; it is there only where one of them does something.

    That is with a model of classes or texts, a classifier, or a weaker model.
    """

    def __init__(self) -> None:
        super().__init__("Condition")
        self._info: ModelInfo | None = None
        self._recipe: Recipe | None = None
        self.classes = ClassRow()
        self.problem = Remark("error")
        self.guidance = NumberRow(GUIDANCE)
        self.interval = RangeRow(GUIDANCE_LOW, GUIDANCE_HIGH, "Guided σ")
        self.add_rows(self.classes)
        self.add(self.problem)
        self.curve = TextRow(GUIDANCE_CURVE)
        self.add_rows(self.guidance, self.interval, self.curve)
        self.classes.problem_changed.connect(lambda _, why: self.problem.say(why))

    def show_recipe(self, recipe: Recipe) -> None:
        """Show class, guidance, and its interval and curve where guidance does something."""
        self.classes.set_value(recipe.classes)
        self.guidance.set_value(recipe.guidance)
        self.interval.set_values(
            {"guidance_low": recipe.guidance_low, "guidance_high": recipe.guidance_high}
        )
        self._recipe = recipe
        self._show_parts()
        drawn = bool(recipe.guidance_curve.strip())
        self.curve.set_value(recipe.guidance_curve)
        self.interval.setVisible(recipe.guidance != 1.0)
        self.curve.setVisible(drawn or recipe.guidance != 1.0)
        self.guidance.setEnabled(not drawn)
        self.interval.setEnabled(not drawn)

    def show_model(self, info: ModelInfo | None) -> None:
        """Offer the classes of the model, or nothing at all."""
        self.classes.set_names(info.classes if info else ())
        self._info = info
        if info is not None:
            self.guidance.knob = GUIDANCE.with_default(info.usual_guidance)
        self._show_parts()
        if info is not None and 0 < info.sigma_max < float("inf"):
            self.interval.set_ends(0.0, info.sigma_max)

    def _show_parts(self) -> None:
        info, recipe = self._info, self._recipe
        classed = info is not None and bool(info.classes)
        judged = recipe is not None and recipe.classifier is not None
        led = recipe is not None and recipe.guide is not None
        self.classes.setVisible(classed or judged)
        self.setVisible(info is not None and (classed or judged or led or info.text))
