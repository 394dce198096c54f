"""Which pictures, and how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.ui.knob_row import NumberRow
from studio.ui.panel_knobs import IMAGES
from studio.ui.recipe_section import RecipeSection, Remark
from studio.ui.seed_row import SeedRow
from studio.ui.seeds import resize_seeds
from studio.ui.start_row import StartRow

if TYPE_CHECKING:
    from studio.library import Recipe


class SeedSection(RecipeSection):
    """Edit the seeds; the number of images is how many there are."""

    def __init__(self, *, locks: bool = True) -> None:
        super().__init__("Seeds")
        self._seeds: tuple[int, ...] = (0,)
        self.seeds = SeedRow(locks=locks)
        self.problem = Remark("error")
        self.images = NumberRow(IMAGES)
        self.start = StartRow()
        self.add_rows(self.seeds, self.start)
        self.add(self.problem)
        self.add(self.images)
        self.seeds.problem_changed.connect(lambda _, why: self.problem.say(why))
        self.seeds.changed.connect(self._on_seeds_changed)
        self.images.changed.connect(self._on_images_changed)
        self.images.committed.connect(lambda _: self.committed.emit("seeds"))
        self.images.problem_changed.connect(self.problem_changed)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show the seeds of `recipe`."""
        self._seeds = recipe.seeds
        self.seeds.set_value(recipe.seeds)
        self.images.set_value(len(recipe.seeds))
        self.start.show_start(recipe.start)

    def _on_seeds_changed(self, _field: str, seeds: object) -> None:
        assert isinstance(seeds, tuple)
        self._seeds = seeds
        self.images.set_value(len(seeds))

    def _on_images_changed(self, _name: str, count: object) -> None:
        assert isinstance(count, int)
        self._seeds = resize_seeds(self._seeds, count)
        self.seeds.set_value(self._seeds)
        self.changed.emit("seeds", self._seeds)
