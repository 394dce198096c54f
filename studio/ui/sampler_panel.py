"""The left panel of the Sample tab: everything a recipe says, one control for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.diffusion import SAMPLERS
from studio.ui.condition_section import ConditionSection
from studio.ui.group_section import STOCHASTICITY, GroupSection, NoiseSection
from studio.ui.knob_stack import KnobStack
from studio.ui.lora_section import LoraSection
from studio.ui.prompt.picture_section import PictureSection
from studio.ui.prompt.prompt_section import PromptSection
from studio.ui.prompt.steering_section import SteeringSection
from studio.ui.recipe_section import RecipeSection
from studio.ui.row import MARGIN
from studio.ui.sampler_section import SamplerSection
from studio.ui.section import Section
from studio.ui.seed_section import SeedSection
from studio.ui.tab_order import order_tabs
from studio.ui.theme import scaled
from studio.ui.way_section import WaySection

if TYPE_CHECKING:
    from studio.library import Recipe
    from studio.models import ModelInfo
    from studio.ui.model_choices import ModelChoice

PANEL_WIDTH = 296


class SamplerPanel(QScrollArea):
    """Show a recipe and say what the person changes in it, by the names of its fields.

    Rows come from the knobs of the registered samplers and schedules; nothing here knows one.
    """

    changed = Signal(str, object)  # field of the recipe, value; also while dragging
    committed = Signal(str)  # field: the change is complete
    dice_pressed = Signal()
    same_seed_toggled = Signal(bool)
    validity_changed = Signal(str)  # why nothing can be generated, or nothing

    def __init__(
        self,
        model_card: QWidget,
        loras: LoraSection | None = None,
        models: Callable[[], Iterable[ModelChoice]] = lambda: (),
    ) -> None:
        super().__init__()
        self._problems: dict[str, str] = {}
        self.model = Section("Model", folds=False)
        self.loras = loras or LoraSection()
        self.way = WaySection()
        self.sampler = SamplerSection()
        self.noise = NoiseSection()
        self.groups = [GroupSection(group) for group in _other_groups()]
        self.prompt = PromptSection()
        self.picture = PictureSection()
        self.condition = ConditionSection()
        self.steering = SteeringSection(models)
        self.seeds = SeedSection()
        self._place_card(model_card)
        self._lay_out()
        for section in self._recipe_sections():
            section.changed.connect(self.changed)
            section.committed.connect(self.committed)
            section.problem_changed.connect(self._on_problem_changed)
        for stack in self.findChildren(KnobStack):
            stack.rows_changed.connect(lambda: order_tabs(self.widget()))
        self.seeds.seeds.dice_pressed.connect(self.dice_pressed)
        self.seeds.seeds.same_seed_toggled.connect(self.same_seed_toggled)
        self.show_model(None)

    @property
    def problem(self) -> str:
        """Return why what was typed cannot be used, or nothing."""
        return next(iter(self._problems.values()), "")

    @property
    def valid(self) -> bool:
        """Tell whether everything typed can be used."""
        return not self._problems

    @property
    def collapsed_sections(self) -> tuple[str, ...]:
        """Name the sections that are folded, for the settings to remember."""
        return tuple(section.title for section in self._folding() if section.collapsed)

    @collapsed_sections.setter
    def collapsed_sections(self, titles: Iterable[str]) -> None:
        folded = set(titles)
        for section in self._folding():
            section.collapsed = section.title in folded

    def show_recipe(
        self, recipe: Recipe, sigmas: tuple[float, ...] = (), problem: str = ""
    ) -> None:
        """Show `recipe` in every control without a signal.

        `sigmas` is the list of noise levels it leads to on the open model, empty if not known;
        `problem` says why there is none.
        """
        self.sampler.show_recipe(recipe, sigmas, problem)
        for section in self._recipe_sections():
            if section is not self.sampler:
                section.show_recipe(recipe)

    def show_model(self, info: ModelInfo | None) -> None:
        """Offer the classes and the range of noise levels of a model."""
        self.sampler.show_model(info)
        for section in (self.prompt, self.picture, self.condition, self.steering):
            section.show_model(info)

    def show_same_seed(self, same: bool) -> None:
        """Show without a signal whether every Generate keeps the seeds."""
        self.seeds.seeds.set_same_seed(same)

    def _recipe_sections(self) -> tuple[RecipeSection, ...]:
        """Return the sections in their order, those that say what is to be seen first."""
        how = (self.sampler, self.noise, *self.groups)
        return (self.prompt, self.picture, *how, self.condition, self.steering, self.seeds)

    def _folding(self) -> tuple[Section, ...]:
        """Return all sections but the model's, in their order."""
        prompt, picture, *how = self._recipe_sections()
        return (prompt, picture, self.loras, *how)

    def _place_card(self, card: QWidget) -> None:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(scaled(MARGIN), 0, scaled(MARGIN), 0)
        row.addWidget(card)
        self.model.add(holder)

    def _lay_out(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        prompt, picture, loras, *how = self._folding()
        for section in (self.model, prompt, picture, loras, self.way, *how):
            column.addWidget(section)
        column.addStretch(1)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(scaled(PANEL_WIDTH))
        self.setAccessibleName("Recipe")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its controls have it, and it follows them
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._on_scroll_range_changed)

    def _on_scroll_range_changed(self, _low: int, high: int) -> None:
        """Let the bar lie in the right margin, so that nothing moves when it comes and goes."""
        over = self.verticalScrollBar().sizeHint().width() if high else 0
        self.setViewportMargins(0, 0, -over, 0)

    def _on_problem_changed(self, name: str, why: str) -> None:
        before = self.problem
        self._problems.pop(name, None)
        if why:
            self._problems[name] = why
        if self.problem != before:
            self.validity_changed.emit(self.problem)


def _other_groups() -> list[str]:
    """Return the groups of knobs that want a section of their own, in the order they are met."""
    groups = {knob.group: None for spec in SAMPLERS.values() for knob in spec.knobs}
    return [group for group in groups if group not in ("", STOCHASTICITY)]
