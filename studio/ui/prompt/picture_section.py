"""How large the pictures are and how they are shown while they form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal

from studio.ui.choice import Choice
from studio.ui.prompt.size_row import SizeRow
from studio.ui.recipe_section import RecipeSection, Remark
from studio.ui.row import Row
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.library import Recipe
    from studio.models import ModelInfo

_NAMES = {
    "linear": "Linear map",
    "tiny": "Tiny decoder",
    "full": "Whole decoder",
}
_TIP = wrapped(
    "How the estimate is shown while it forms. The final picture is the same whatever is chosen: "
    "it comes from the whole decoder.",
    "The linear map turns latents into colours at once; it is fitted to the decoder one time for "
    "each model. The tiny decoder is sharper, and the whole one costs about as much as a step.",
)


class PreviewRow(Row):
    """Choose how steps are shown; it is no part of the recipe."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__(("preview",), "Preview", _TIP)
        self.box = Choice("preview", "Preview", _TIP)
        self.add_control(self.box)
        self.label.setBuddy(self.box)
        self.box.currentIndexChanged.connect(lambda _at: self.chosen.emit(self.box.currentData()))

    def set_choices(self, names: tuple[str, ...], name: str) -> None:
        """Offer the ways that a model has, and show the one that is in use, without a signal."""
        with QSignalBlocker(self.box):
            self.box.clear()
            for each in names:
                self.box.add_choice(each, _NAMES.get(each, each))
            self.box.choose(name if name in names else next(iter(names), ""))

    def reset(self) -> None:
        """Go back to the first way."""
        self.box.setCurrentIndex(0)


class PictureSection(RecipeSection):
    """Edit the size and choose the preview; there only where a model leaves a choice."""

    def __init__(self) -> None:
        super().__init__("Picture")
        self._previews: tuple[str, ...] = ()
        self._wish = ""
        self.size_row = SizeRow()
        self.problem = Remark("error")
        self.preview = PreviewRow()
        self.add_rows(self.size_row)
        self.add(self.problem)
        self.add(self.preview)
        self.setVisible(False)
        self.size_row.problem_changed.connect(lambda _name, why: self.problem.say(why))

    def show_recipe(self, recipe: Recipe) -> None:
        """Show the size."""
        self.size_row.set_values(recipe.width, recipe.height)

    def wish_preview(self, name: str) -> None:
        """Show the preview that is wished for, where a model has it."""
        self._wish = name
        self.preview.set_choices(self._previews, name)

    def show_model(self, info: ModelInfo | None) -> None:
        """Offer the sizes and the previews of a model."""
        sized, shown = info is not None and info.multiple > 0, info is not None and info.previews
        if info is not None and sized:
            self.size_row.set_model(info)
        if info is not None:
            self._previews = info.previews
            self.preview.set_choices(info.previews, self._wish)
        self.size_row.setVisible(sized)
        self.preview.setVisible(bool(shown))
        self.setVisible(sized or bool(shown))
