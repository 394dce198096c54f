"""The knobs of a solver that form a section of their own, such as those of its noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion import SAMPLERS
from studio.ui.knob_row import ChoiceRow
from studio.ui.knob_stack import KnobStack
from studio.ui.panel_knobs import NOISE
from studio.ui.recipe_section import RecipeSection, Remark
from studio.ui.sampler_section import knobs_of

if TYPE_CHECKING:
    from studio.library import Recipe

STOCHASTICITY = "Stochasticity"
FOLDED = ("Design space", "Step control")
"""Groups that few people touch: their sections begin folded."""


class GroupSection(RecipeSection):
    """Edit the knobs of one group; without any, the section is not there."""

    def __init__(self, group: str, *, noise: bool = False) -> None:
        super().__init__(group, collapsed=group in FOLDED)
        self.stack = KnobStack("knobs.", noise=noise)
        self.add_rows(self.stack)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show the knobs that the sampler of `recipe` has in this group."""
        self.stack.set_knobs(knobs_of(recipe.sampler, self.title))
        self.stack.show_values(recipe.knobs)
        self.setVisible(bool(self.stack.row_list))


class NoiseSection(GroupSection):
    """Edit how much noise a solver adds and where it comes from, or say that it adds none."""

    def __init__(self) -> None:
        super().__init__(STOCHASTICITY, noise=True)
        self.noise = ChoiceRow(NOISE)
        self.add_rows(self.noise)
        self.reason = Remark("muted")
        self.add(self.reason)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show the knobs of noise, or why there are none."""
        super().show_recipe(recipe)
        spec = SAMPLERS.get(recipe.sampler)
        draws = spec is not None and (spec.stochastic or bool(self.stack.row_list))
        self.noise.set_value(recipe.noise)
        self.noise.setVisible(draws)
        label = spec.label if spec else recipe.sampler
        self.reason.say("" if draws else f"{label} is deterministic: it adds no noise.")
        self.setVisible(True)
