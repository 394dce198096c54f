"""The left side of the Restore page: the picture, what is known of it, the method, Restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.diffusion import OPERATORS
from studio.ui.condition_section import ConditionSection
from studio.ui.edit.measurement_section import MeasurementSection
from studio.ui.edit.method_section import LevelsSection, MethodSection
from studio.ui.edit.picture_card import PictureCard
from studio.ui.edit.side_panel import SidePanel
from studio.ui.edit.task_row import RESTORE
from studio.ui.knob_stack import KnobStack
from studio.ui.panel_knobs import IMAGES
from studio.ui.prompt.prompt_section import PromptSection
from studio.ui.recipe_section import RecipeSection, Remark
from studio.ui.row import MARGIN
from studio.ui.section import Section
from studio.ui.seed_section import SeedSection
from studio.ui.tab_order import order_tabs
from studio.ui.theme import scaled

if TYPE_CHECKING:
    from studio.library import Recipe
    from studio.models import ModelInfo

USUAL_IMAGES = 6
_CARD_TIP = (
    "The picture that is restored. Drop a file here, press Ctrl+V to paste one, or choose one; a "
    "picture of another size than the model's is resampled, and that is said."
)
_TIP = "Restore the picture, once for each seed (Ctrl+Enter)"


class RestorePanel(SidePanel):
    """Show what is restored and how; names in signals are fields of the recipe."""

    changed = Signal(str, object)  # field of the recipe, value; also while dragging
    committed = Signal(str)
    validity_changed = Signal(str)  # why what was typed cannot be used, or nothing

    def __init__(self) -> None:
        super().__init__(RESTORE, "Restore", "restore", "restoring", _TIP)
        self._problems: dict[str, str] = {}
        self.card = PictureCard("restore_picture", "picture", _CARD_TIP)
        self.remarks = Remark("mono")
        self.picture = Section("Picture", folds=False)
        self.measurement = MeasurementSection(OPERATORS)
        self.method = MethodSection()
        self.levels = LevelsSection()
        self.prompt = PromptSection()
        self.condition = ConditionSection()
        self.seeds = SeedSection(locks=False)  # methods are compared on the same seeds
        self.seeds.images.knob = IMAGES.with_default(USUAL_IMAGES)
        self.picture.add(_inset(self.card))
        self.picture.add(self.remarks)
        recipe = self.recipe_sections
        for section in (self.picture, self.measurement, *recipe):
            self.add(section)
        for part in recipe:
            part.changed.connect(self.changed)
            part.committed.connect(self.committed)
            part.problem_changed.connect(self._on_problem_changed)
        self.measurement.problem_changed.connect(
            lambda why: self._on_problem_changed("measurement", why)
        )
        for stack in self.findChildren(KnobStack):
            stack.rows_changed.connect(self._order)
        self.show_model(None)

    @property
    def recipe_sections(self) -> tuple[RecipeSection, ...]:
        """Return the sections that show the recipe, in their order."""
        return (self.method, self.levels, self.prompt, self.condition, self.seeds)

    @property
    def problem(self) -> str:
        """Return why what was typed cannot be used, or nothing."""
        return next(iter(self._problems.values()), "")

    def show_recipe(self, recipe: Recipe, sigmas: tuple[float, ...], problem: str) -> None:
        """Show a recipe without a signal.

        `sigmas` is the list of noise levels it leads to, empty if not known; `problem` says why
        the method cannot serve.
        """
        for section in self.recipe_sections:
            section.show_recipe(recipe)
        self.levels.show_recipe(recipe, sigmas)
        self.method.say(recipe, sigmas, problem)

    def show_model(self, info: ModelInfo | None) -> None:
        """Offer what the model can be told, and the range of its noise levels."""
        for section in (self.prompt, self.condition, self.levels):
            section.show_model(info)

    def _order(self) -> None:
        order_tabs(self)

    def _on_problem_changed(self, name: str, why: str) -> None:
        before = self.problem
        self._problems.pop(name, None)
        if why:
            self._problems[name] = why
        if self.problem != before:
            self.validity_changed.emit(self.problem)


def _inset(widget: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(scaled(MARGIN), 0, scaled(MARGIN), 4)
    row.addWidget(widget)
    return holder
