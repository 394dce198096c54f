"""The current recipe and what may be done to it."""

import json
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.diffusion import SCHEDULES, SOLVERS, KnobError
from studio.engine.plan import Plan, plan
from studio.engine.sizes import picture_size
from studio.library import ModelRef, Recipe, RecipeError
from studio.library.editing import edited
from studio.models import ModelInfo
from studio.session.history import History

MOST_AT_ONCE = 4
"""Pictures with which a model of texts begins, at the most."""


_PROMPTS = ("prompt", "negative_prompt")


class RecipeEditor(QObject):
    """Hold one immutable recipe; every edit replaces it and can be undone.

    `whole` may change on its way, as that of a branched take does; `recipe` is what the panel shows
    and what a branch goes on with, the last part of it. An edit takes that part for the whole way,
    save for the seeds, with which the same way is gone again. `planned` follows each change with
    what the recipe would do on the open model, or with the reason why it can do nothing.
    """

    changed = Signal(object)  # Recipe
    planned = Signal(object, str)  # Plan | None, problem
    undo_changed = Signal(bool, bool)  # can undo, can redo
    edited = Signal()  # the person changed what the picture depends on

    def __init__(self, recipe: Recipe, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.whole = recipe
        self.recipe = recipe.settled()
        self.plan: Plan | None = None
        self.problem = ""
        self._info: ModelInfo | None = None
        self._history: History[Recipe] = History()
        self._aside = dict.fromkeys(_PROMPTS, "")  # while a model is open that takes none

    def edit(self, field: str, value: object) -> None:
        """Set one field, “steps” or “knobs.s_churn”; lists that depended on it are made anew."""
        if self._is_default(field, value):
            return
        if field == "seeds" and isinstance(value, tuple):
            self._become(self.whole.reseeded(value), field)
        else:
            self._become(edited(self.recipe, field, value), field)

    def start_afresh(self) -> None:
        """Go the whole way as the recipe's last part says."""
        self._become(self.recipe, "afresh")

    def _become(self, recipe: Recipe, key: str) -> None:
        if recipe != self.whole:
            self._history.remember(self.whole, key)
            self._show(recipe)
            self.edited.emit()

    def edit_all(self, changes: Mapping[str, object], key: str = "several") -> None:
        """Set several fields at once, in their order, as one edit that is undone in one go.

        Edits under the same `key` that follow each other at once are undone together.
        """
        recipe = self.recipe
        for field, value in changes.items():
            recipe = edited(recipe, field, value)
        self._become(recipe, key)

    def _is_default(self, field: str, value: object) -> bool:
        """Tell whether an unset knob is being set to what it is anyway."""
        table, _, name = field.partition(".")
        specs = {"knobs": (SOLVERS, self.recipe.sampler, self.recipe.knobs)}
        specs["schedule_knobs"] = (SCHEDULES, self.recipe.schedule, self.recipe.schedule_knobs)
        if table not in specs:
            return False
        known, id, given = specs[table]
        defaults = {knob.id: knob.default for knob in known[id].knobs} if id in known else {}
        return name not in given and name in defaults and defaults[name] == value

    def replace(self, recipe: Recipe, *, model_follows: bool = False) -> None:
        """Take over a whole recipe, of an earlier take or of a picture.

        The open model stays, unless that of the recipe is about to be opened (`model_follows`).
        """
        model = recipe.model if model_follows else self.whole.model
        recipe = self._fitted(recipe.model_copy(update={"model": model}))
        if recipe != self.whole:
            self._history.remember(self.whole, "replace")
            self._show(recipe)

    def set_model(self, info: ModelInfo) -> None:
        """Fit the recipe to a newly opened model; what does not fit any more is reset."""
        before, self._info = self._info, info
        reference = ModelRef(path=info.path, name=info.name, sha256=info.sha256)
        recipe = self.whole
        if recipe.model.path != info.path:
            open_ends: dict[str, Any] = {"sigma_min": None, "sigma_max": None, "sigmas": ()}
            open_ends |= {"labels": (), "start": None}
            recipe = self.recipe.model_copy(update=open_ends | usual(self.recipe, before, info))
            if info.text and not (recipe.prompt or recipe.negative_prompt):
                recipe = recipe.model_copy(update=self._aside)
        self._show(self._fitted(recipe.model_copy(update={"model": reference})))

    def set_digest(self, sha256: str) -> None:
        """Add the hash of the open model once it is known; this is not an edit."""
        reference = self.whole.model.model_copy(update={"sha256": sha256})
        self.whole = self.whole.model_copy(update={"model": reference})
        self.recipe = self.whole.settled()

    def amend(self, **fields: object) -> None:
        """Change fields that have an undo of their own elsewhere; this is not an edit here."""
        self._show(self.whole.model_copy(update=fields))

    @property
    def can_undo(self) -> bool:
        """Tell whether there is an edit to take back."""
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Tell whether there is an edit to do again."""
        return self._history.can_redo

    def undo(self) -> None:
        """Go back to the recipe before the last edit."""
        self._step(self._history.undo(self.whole))

    def redo(self) -> None:
        """Do again what was undone."""
        self._step(self._history.redo(self.whole))

    def _step(self, recipe: Recipe) -> None:
        if recipe != self.whole:
            self._show(self._fitted(recipe.model_copy(update={"model": self.whole.model})))
            self.edited.emit()

    def _fitted(self, recipe: Recipe) -> Recipe:
        """Return the recipe with sizes and classes that the open model has, if it is for it."""
        info = self._info
        if info is None or recipe.model.path != info.path:
            return recipe
        if not info.text and (recipe.prompt or recipe.negative_prompt):
            self._aside = {name: getattr(recipe, name) for name in _PROMPTS}
            recipe = recipe.model_copy(update=dict.fromkeys(_PROMPTS, ""))
        if not _size_fits(recipe, info):
            recipe = recipe.model_copy(update={"width": 0, "height": 0})
        if recipe.worn or recipe.classifier is not None:
            return recipe  # they bring classes with them
        if not _classes_fit(recipe, info):
            return recipe.model_copy(update={"classes": "any", "labels": ()})
        if not _labels_fit(recipe, info):
            return recipe.model_copy(update={"labels": ()})
        return recipe

    def _show(self, recipe: Recipe) -> None:
        self.whole, self.recipe = recipe, recipe.settled()
        self._update_plan()
        self.changed.emit(self.recipe)
        self.undo_changed.emit(self.can_undo, self.can_redo)
        self.planned.emit(self.plan, self.problem)

    def _update_plan(self) -> None:
        if self._info is None:
            return
        try:
            self.plan, self.problem = plan(self.recipe, self._info), ""
        except ValueError as error:
            self.plan, self.problem = None, str(error)


def usual(recipe: Recipe, before: ModelInfo | None, info: ModelInfo) -> dict[str, Any]:
    """Return what people expect to change when they go over to a model that takes texts, and back.

    Guidance that was left alone becomes the usual one, and large pictures are made one at a time.
    """
    was_text = before is not None and before.text
    if was_text == info.text:
        return {}
    usual_before = before.usual_guidance if before is not None else 1.0
    changes: dict[str, Any] = {}
    if recipe.guidance == usual_before and not recipe.guidance_curve:
        changes["guidance"] = info.usual_guidance
    if info.text and len(recipe.seeds) > MOST_AT_ONCE:
        changes["seeds"] = recipe.seeds[:1]
    return changes


def _size_fits(recipe: Recipe, info: ModelInfo) -> bool:
    if not info.multiple:
        return not (recipe.width or recipe.height)
    try:
        picture_size(recipe, info)
    except KnobError:
        return False
    return True


def _classes_fit(recipe: Recipe, info: ModelInfo) -> bool:
    if isinstance(recipe.classes, str):
        return recipe.classes == "any" or bool(info.classes)
    return max(recipe.classes, default=-1) < len(info.classes)


def _labels_fit(recipe: Recipe, info: ModelInfo) -> bool:
    suits = max(recipe.labels, default=-1) < len(info.classes) or not recipe.labels
    return suits and len(recipe.labels) in (0, len(recipe.seeds))


def remembered_recipe(data: Mapping[str, Any] | None) -> Recipe:
    """Return the recipe that the settings hold, or one to begin with."""
    if data is not None:
        try:
            return Recipe.from_json(json.dumps(data))
        except RecipeError:
            pass
    return Recipe(seeds=tuple(range(16)))
