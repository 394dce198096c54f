"""What can be put on top of guidance, folded away: few people touch it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from studio.diffusion.guidance import CLASSIFIER_SCALE, GUIDANCE_RESCALE, THRESHOLD
from studio.engine.showing import thresholds
from studio.ui.knob_row import NumberRow
from studio.ui.prompt.file_row import FileRow
from studio.ui.recipe_section import RecipeSection
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.library import Recipe
    from studio.models import ModelInfo
    from studio.ui.model_choices import ModelChoice

_GUIDE = wrapped(
    "A weaker model of the same pictures: smaller, or trained less. Guidance then leads away from "
    "what that one makes of the same prompt or class, which improves pictures without making them "
    "alike. It is opened beside the model and evaluated at every step; guidance says how strongly.",
    "D_w = D_weak + w (D − D_weak)",
    "Karras et al. 2024 (Guiding a diffusion model with a bad version of itself)",
)
_CLASSIFIER = wrapped(
    "A network that tells what noisy pictures show. Its gradient pulls the pictures towards the "
    "class that is chosen, also those of a model that knows no classes.",
    "D ← D + s σ² ∇ₓ log p(c | x; σ)",
    "Dhariwal & Nichol 2021, Algorithm 1",
)
TITLE = "More guidance"


class SteeringSection(RecipeSection):
    """Edit rescale, threshold, weaker model and classifier of a recipe."""

    def __init__(self, offer: Callable[[], Iterable[ModelChoice]] = lambda: ()) -> None:
        super().__init__(TITLE, collapsed=True)
        self.rescale = NumberRow(GUIDANCE_RESCALE)
        self.threshold = NumberRow(THRESHOLD)
        self.guide = FileRow("guide", "Weaker model", _GUIDE, offer)
        self.classifier = FileRow("classifier", "Classifier", _CLASSIFIER, lambda: ())
        self.scale = NumberRow(CLASSIFIER_SCALE)
        self.files = (self.guide, self.classifier)
        self.add_rows(self.rescale, self.threshold, self.guide, self.classifier, self.scale)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show the values, and how many of them do something while the section is folded."""
        self.rescale.set_value(recipe.guidance_rescale)
        self.threshold.set_value(recipe.threshold)
        self.guide.set_value(recipe.guide)
        self.classifier.set_value(recipe.classifier)
        self.scale.set_value(recipe.classifier_scale)
        self.scale.setVisible(recipe.classifier is not None)
        self.rescale.setEnabled(recipe.guidance != 1 or bool(recipe.guidance_curve))
        named = (recipe.guidance_rescale, recipe.threshold, recipe.guide, recipe.classifier)
        on = sum(bool(value) for value in named)
        self.set_note(f"{on} on" if on else "")

    def show_model(self, info: ModelInfo | None) -> None:
        """Offer thresholds where the model works on pixels, and the models at hand."""
        self.threshold.setVisible(info is None or thresholds(info))
        self.guide.refill()
