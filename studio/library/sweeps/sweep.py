"""The values of a sweep: a recipe, axes over it, and the cells that they make."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Annotated, Any

from pydantic import AfterValidator, Field, Strict, ValidationError, model_validator

from studio.diffusion import SCHEDULES, SOLVERS, KnobError, Spec, Value
from studio.diffusion.registry import find
from studio.library.comparison.cells import digest
from studio.library.editing import edited
from studio.library.errors import LibraryError
from studio.library.fields import KnobValue, Text
from studio.library.recipe import Recipe
from studio.library.sweeps.fields import FIELDS, swept_knobs
from studio.library.untrusted import complaint, read_json
from studio.library.way import ModelRef, Part, acting, aids_of

Place = tuple[int, ...]
"""Where a cell is: the number of its value on each axis."""

MOST_AXES, MOST_VALUES, MOST_CELLS = 3, 256, 20_000
MAX_JSON = 8_000_000

_FIRST = ("model", "sampler", "schedule")  # what the others depend on
_ALL_KNOBS = swept_knobs(SOLVERS, SCHEDULES)


def _known(field: str) -> str:
    if field not in FIELDS and field not in _ALL_KNOBS:
        raise ValueError("must be a field of a recipe or a knob that is known here")
    return field


class Axis(Part):
    """A field and the values that it takes; `names` says them in words where they need it.

    Raises:
        pydantic.ValidationError: the field is unknown, or there are no values, too many, or one
            twice (a ValueError).
    """

    field: Annotated[str, Strict(), AfterValidator(_known)]
    values: Annotated[tuple[KnobValue, ...], Field(min_length=1, max_length=MOST_VALUES)]
    names: Annotated[tuple[Text, ...], Field(max_length=MOST_VALUES)] = ()

    @model_validator(mode="after")
    def _no_value_twice(self) -> "Axis":
        if len({(type(value), value) for value in self.values}) < len(self.values):
            raise ValueError("a value is there twice")
        return self

    @property
    def label(self) -> str:
        """Return what the field is called."""
        return (FIELDS.get(self.field) or _ALL_KNOBS[self.field]).label

    def value_label(self, index: int) -> str:
        """Return what a value is called on an axis."""
        if len(self.names) == len(self.values):
            return self.names[index]
        return short(self.values[index])

    def point(self, index: int) -> str:
        """Return field and value: “S_churn 20”."""
        return f"{self.label} {self.value_label(index)}"


@dataclass(frozen=True, slots=True)
class SweepCell:
    """One cell: its place, its recipe, and the id that its take will have.

    Where no recipe can be made of its values, `recipe` is None and `problem` says why.
    """

    place: Place
    id: str
    recipe: Recipe | None
    problem: str = ""


class Sweep(Part):
    """All that is asked of a sweep; every cell starts from the same noise.

    `models` are those that a model axis names by path. `metrics` are to be measured; `against` is
    the set of pictures for the Fréchet distance, empty for the model's own. `keep_steps` keeps the
    trajectories of cells that are sampled in one piece, and `batch` is the size of a piece.

    A method that restores pictures has its usual number of steps, unless that is an axis, too.

    Raises:
        pydantic.ValidationError: a field has the wrong type or is out of bounds (a ValueError).
    """

    base: Recipe
    axes: Annotated[tuple[Axis, ...], Field(min_length=1, max_length=MOST_AXES)]
    models: Annotated[tuple[ModelRef, ...], Field(max_length=MOST_VALUES)] = ()
    metrics: Annotated[tuple[Text, ...], Field(max_length=16)] = ()
    against: Text = ""
    keep_steps: bool = True
    batch: Annotated[int, Strict(), Field(ge=1, le=4096)] = 64

    @model_validator(mode="after")
    def _is_a_plan(self) -> "Sweep":
        fields = [axis.field for axis in self.axes]
        if len(set(fields)) < len(fields):
            raise ValueError("two axes go over the same field")
        if self.count > MOST_CELLS:
            raise ValueError(f"there are {self.count:,} cells; at most {MOST_CELLS:,} are made")
        return self

    @classmethod
    def from_json(cls, text: str | bytes) -> "Sweep":
        """Read a sweep from a file.

        Raises:
            LibraryError: it is malformed.
        """
        try:
            return cls.model_validate(read_json(text, MAX_JSON))
        except ValidationError as error:
            raise LibraryError(f"The sweep cannot be used: {complaint(error)}.") from None
        except ValueError as error:
            raise LibraryError(f"The sweep cannot be read: {error}.") from None

    @property
    def count(self) -> int:
        """Return the number of cells."""
        return prod(len(axis.values) for axis in self.axes)

    @property
    def title(self) -> str:
        """Return what it goes over: “S_churn × S_noise”."""
        return " × ".join(axis.label for axis in self.axes)

    def cells(self, computed_by: str = "") -> tuple[SweepCell, ...]:
        """Return the cells, the last axis fastest, those of one model together."""
        places = product(*(range(len(axis.values)) for axis in self.axes))
        return tuple(self._cell(place, computed_by) for place in places)

    def key(self, computed_by: str) -> str:
        """Return a name for all that cells share: other values of the axes keep it.

        computed_by: what else the pictures depend on, such as device and dtype.
        """
        common = _normal(self.base)
        for axis in self.axes:
            table, _, knob = axis.field.partition(".")
            if knob:
                common[table].pop(knob, None)
            elif axis.field == "seed":
                common["seeds"] = len(self.base.seeds)
            else:
                common.pop({"class": "classes"}.get(axis.field, axis.field), None)
        fields = sorted(axis.field for axis in self.axes)
        return digest(json.dumps([common, fields, computed_by], sort_keys=True))

    def point(self, place: Place) -> str:
        """Return where a place is in words: “S_churn 20 · S_noise 1.003”."""
        return " · ".join(axis.point(i) for axis, i in zip(self.axes, place, strict=True))

    def _cell(self, place: Place, computed_by: str) -> SweepCell:
        try:
            recipe = self._recipe(place)
        except ValueError as error:
            return SweepCell(place, "", None, str(error))
        text = json.dumps([_normal(recipe), computed_by], sort_keys=True)
        return SweepCell(place, digest(text), recipe)

    def _recipe(self, place: Place) -> Recipe:
        wanted = {a.field: a.values[i] for a, i in zip(self.axes, place, strict=True)}
        recipe = self.base.settled().model_copy(update={"sigmas": (), "labels": ()})
        for field in sorted(wanted, key=lambda field: field not in _FIRST):
            recipe = self._changed(recipe, field, wanted[field])
        return recipe

    def _changed(self, recipe: Recipe, field: str, value: Value) -> Recipe:
        table, _, knob = field.partition(".")
        if knob:
            spec = _spec_of(recipe, table)
            return edited(recipe, field, spec.values({knob: value})[knob])
        if field == "model":
            return recipe.model_copy(update={"model": self._model(str(value))})
        if field == "seed":
            first = int(value)
            return edited(recipe, "seeds", tuple(range(first, first + len(recipe.seeds))))
        if field == "class":
            return edited(recipe, "classes", value if isinstance(value, str) else (value,))
        if field in ("sampler", "schedule"):
            find(SOLVERS if field == "sampler" else SCHEDULES, str(value), field)
            if getattr(recipe, field) != value:
                recipe = edited(recipe, field, value)
            usual = SOLVERS[recipe.sampler].usual_steps
            return edited(recipe, "steps", usual) if usual and field == "sampler" else recipe
        return edited(recipe, field, value)

    def _model(self, path: str) -> ModelRef:
        found = next((model for model in self.models if model.path == path), None)
        if found is None:
            raise KnobError(f"The model “{path[:80]}” is not known to the sweep.")
        return found


def short(value: Value) -> str:
    """Return a value in few letters."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.5g}" if isinstance(value, float) else str(value)[:40]


def _spec_of(recipe: Recipe, table: str) -> Spec:
    if table == "knobs":
        return find(SOLVERS, recipe.sampler, "sampler")
    return find(SCHEDULES, recipe.schedule, "schedule")


def _normal(recipe: Recipe) -> dict[str, Any]:
    """Return what the pictures of a recipe depend on, the same for recipes that mean the same."""
    data = recipe.model_dump(mode="json")
    for name in ("version", "task", "sigmas", "labels", "precision", "segments"):
        del data[name]
    data["model"] = recipe.model.sha256 or recipe.model.path
    data["loras"] = acting(recipe)
    if not recipe.worn:
        del data["loras"]  # cells from before there were any stay
    data |= aids_of(recipe)
    data["knobs"] = _without_defaults(SOLVERS.get(recipe.sampler), recipe.knobs)
    data["schedule_knobs"] = _without_defaults(
        SCHEDULES.get(recipe.schedule), recipe.schedule_knobs
    )
    return data


def _without_defaults(spec: Spec | None, knobs: Mapping[str, Value]) -> dict[str, Value]:
    defaults = {knob.id: knob.default for knob in spec.knobs} if spec else {}
    return {n: v for n, v in knobs.items() if n not in defaults or defaults[n] != v}
