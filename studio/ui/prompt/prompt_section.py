"""What the pictures are to show, in words; there only for models that take texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from studio.ui.prompt.text_box import TextBox
from studio.ui.recipe_section import RecipeSection
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.library import Recipe
    from studio.models import ModelInfo

_KEYS = (
    "Ctrl+Up and Ctrl+Down weigh what is selected, or the word at the cursor: (word:1.2) counts "
    "more, (word:0.8) less. Ctrl+Enter generates."
)
_PROMPT = wrapped("What the pictures are to show.", _KEYS)
_NEGATIVE = wrapped(
    "What guidance leads away from: it does nothing where guidance is 1. A weaker model takes its "
    "place where one is chosen.",
    _KEYS,
    "Ho & Salimans 2022, with this in the place of no class.",
)


class PromptSection(RecipeSection):
    """Edit `prompt` and `negative_prompt`; `counting` asks how long a text is."""

    counting = Signal(str)

    def __init__(self) -> None:
        super().__init__("Prompt")
        self.prompt = TextBox("prompt", "Prompt", _PROMPT, "What the pictures are to show")
        self.negative = TextBox("negative_prompt", "Negative prompt", _NEGATIVE, "Nothing")
        self.boxes = (self.prompt, self.negative)
        for box in self.boxes:
            self.add(box)
            box.changed.connect(self.changed)
            box.committed.connect(self.committed)
            box.changed.connect(lambda _name, text: self._count(text))
        self.setVisible(False)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show the prompts; the negative one is idle where it does nothing."""
        for box, text in zip(self.boxes, (recipe.prompt, recipe.negative_prompt), strict=True):
            if text != box.edit.value:
                self._count(text)
            box.set_value(text)
        self.negative.setEnabled(recipe.guide is None)

    def show_model(self, info: ModelInfo | None) -> None:
        """Be there if the model takes texts."""
        takes = info is not None and info.text
        self.setVisible(takes)
        for box in self.boxes:
            box.show_length(None)
            if takes:
                self._count(box.edit.value)

    def show_length(self, text: str, found: tuple[int, int] | None) -> None:
        """Show how many tokens a text has where it stands."""
        for box in self.boxes:
            if text and box.edit.value == text:
                box.show_length(found)

    def _count(self, text: str) -> None:
        if text:
            self.counting.emit(text)
