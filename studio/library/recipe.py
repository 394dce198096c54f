"""The recipe: everything that determines a picture, in one immutable value."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    Strict,
    ValidationError,
    model_serializer,
    model_validator,
)

from studio.library.errors import RecipeError
from studio.library.fields import MAX_ENTRIES, Identifier, Step
from studio.library.names import sampler_label, schedule_label
from studio.library.task import InputRef, RestorationTask
from studio.library.untrusted import complaint, read_json
from studio.library.way import (
    YOUNGER_FIELDS,
    Changes,
    LoraRef,
    ModelRef,
    Part,
    Way,
    differences,
)

VERSION = 1
MODEL_FIELDS = ("model", "guide", "classifier")
"""Fields that name a model by its file."""

_YOUNGER = ("restoration", "start")

MAX_JSON = 4_000_000  # characters, so that it fits a text chunk of a picture


class Segment(Part):
    """What a branch or a live knob changed, and the step from which it did.

    Its `sigmas` are the levels that were left then: the first is that of the state.
    """

    from_step: Annotated[Step, Field(ge=0)]
    changes: Changes = Field(default_factory=dict)

    def reseeded(self) -> "Segment":
        """Return the segment without what belongs to certain seeds."""
        changes = {k: v for k, v in self.changes.items() if k not in ("seeds", "labels")}
        if "classes" in changes:
            changes["labels"] = ()
        return self.model_copy(update={"changes": changes})


class Recipe(Way):
    """Everything that determines a batch of pictures; never changed, only replaced.

    The fields of a `Way` say how it begins, `segments` in their order what changed on the way.
    `restoration` is what was measured of a picture where the sampler is a method that restores it;
    `start` is the noise to begin with where it is not that of the seeds.

    Raises:
        pydantic.ValidationError: a field has the wrong type or is out of bounds (a ValueError).
    """

    version: Annotated[int, Strict(), Field(ge=1)] = VERSION
    task: Identifier = "generate"
    restoration: RestorationTask | None = None
    start: InputRef | None = None
    segments: Annotated[tuple[Segment, ...], Field(max_length=MAX_ENTRIES)] = ()

    @model_validator(mode="before")
    @classmethod
    def _refuse_the_future(cls, data: Any) -> Any:
        version = data.get("version") if isinstance(data, dict) else None
        if type(version) is int and version > VERSION:
            raise ValueError(
                f"it was written by a newer Elucidate (recipe version {version}, known up to "
                f"{VERSION}): update Elucidate to use it"
            )
        return data

    @model_serializer(mode="wrap")
    def _leave_out_the_empty(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        for name in (*YOUNGER_FIELDS, *_YOUNGER):
            if name in data and getattr(self, name) == type(self).model_fields[name].default:
                del data[name]
        return data

    @classmethod
    def from_json(cls, text: str | bytes) -> "Recipe":
        """Read a recipe from JSON that a stranger may have written.

        Raises:
            RecipeError: it is no JSON, too long, from a newer version, or a field is wrong.
        """
        try:
            return cls.from_data(read_json(text, MAX_JSON))
        except RecipeError:
            raise
        except ValueError as error:
            raise RecipeError(f"The recipe cannot be read: {error}.") from None

    @classmethod
    def from_data(cls, data: object) -> "Recipe":
        """Check what JSON held, or a mapping of fields, and make it a recipe.

        Raises:
            RecipeError: it is from a newer version, or a field is wrong; the message names it.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise RecipeError(f"The recipe cannot be used: {complaint(error)}.") from None

    def to_json(self) -> str:
        """Return the recipe as one line of ASCII JSON, from which it comes back exactly.

        Raises:
            RecipeError: it is longer than `from_json` would read.
        """
        text = json.dumps(self.model_dump(mode="json"), allow_nan=False)
        if len(text) > MAX_JSON:
            raise RecipeError("The recipe is too long to be written: use fewer seeds or segments.")
        return text

    def changed(self, field: str, value: object) -> "Recipe":
        """Return a copy in which one field differs: “steps”, or “knobs.s_churn” inside a mapping.

        A value of None takes an entry out of a mapping, so that its default applies again.

        Raises:
            RecipeError: there is no such field, or the value does not suit it.
        """
        name, _, key = field.partition(".")
        if not self._has(name, key):
            known = ", ".join(type(self).model_fields)
            raise RecipeError(f"A recipe has no field “{field[:64]}”. It has: {known}.")
        inner = _entry_changed(getattr(self, name), key, value) if key else value
        return self.from_data({**dict(self), name: inner})

    def parts(self) -> "Iterator[tuple[int, Recipe]]":
        """Yield the first step of each part of the way, and the recipe that holds from there."""
        part = self.model_copy(update={"segments": ()})
        yield 0, part
        for segment in self.segments:
            part = part.model_copy(update=segment.changes)
            yield segment.from_step, part

    def reseeded(self, seeds: tuple[int, ...]) -> "Recipe":
        """Return the recipe with other seeds, and pictures, that goes the same way."""
        segments = tuple(segment.reseeded() for segment in self.segments)
        return self.changed("seeds", seeds).model_copy(update={"labels": (), "segments": segments})

    def with_models(self, here: "Callable[[ModelRef], ModelRef]") -> "Recipe":
        """Return the recipe with every model that it names as `here` has it."""

        def moved(fields: Mapping[str, Any]) -> dict[str, ModelRef]:
            named = {name: fields[name] for name in MODEL_FIELDS if fields.get(name)}
            return {name: here(model) for name, model in named.items()}

        segments = tuple(
            each.model_copy(update={"changes": {**each.changes, **moved(each.changes)}})
            for each in self.segments
        )
        return self.model_copy(update={**moved(dict(self)), "segments": segments})

    def with_loras(self, here: "Callable[[LoraRef], LoraRef]") -> "Recipe":
        """Return the recipe with every LoRA that it names as `here` has it."""

        def moved(loras: "tuple[LoraRef, ...]") -> "tuple[LoraRef, ...]":
            return tuple(map(here, loras))

        segments = tuple(
            each.model_copy(update={"changes": {**each.changes, "loras": moved(loras)}})
            if (loras := each.changes.get("loras"))
            else each
            for each in self.segments
        )
        return self.model_copy(update={"loras": moved(self.loras), "segments": segments})

    def settled(self) -> "Recipe":
        """Return a recipe that holds from the beginning what this one holds in its last part."""
        *_, (_, last) = self.parts()
        drawn = any("sigmas" in segment.changes for segment in self.segments)
        return last.model_copy(update={"sigmas": ()}) if drawn else last

    def branched(self, step: int, wish: "Recipe") -> "Recipe":
        """Return the recipe that follows this one up to `step` and from there on the `wish`.

        Raises:
            RecipeError: the wish has another number of pictures.
        """
        if len(wish.seeds) != len(self.seeds):
            raise RecipeError(
                f"The take has {len(self.seeds)} images and the recipe {len(wish.seeds)}: "
                f"a branch goes on with the same ones. Set the images to {len(self.seeds)}."
            )
        if (wish.width, wish.height) != (self.width, self.height):
            raise RecipeError(
                f"The take has pictures of {size_said(self)} and the recipe of {size_said(wish)}: "
                "a branch goes on at the same size. Set the size back, or generate anew."
            )
        kept = tuple(segment for segment in self.segments if segment.from_step < step)
        before = self.model_copy(update={"segments": kept})
        changes = differences(before.settled(), wish)
        added = (Segment(from_step=step, changes=changes),) if changes else ()
        return before.model_copy(update={"segments": kept + added})

    def summary(self) -> str:
        """Return solver, schedule and number of steps for a list of takes: “Heun · Karras · 18”."""
        steps = len(self.sigmas) - 1 if self.sigmas else self.steps
        return f"{sampler_label(self.sampler)} · {schedule_label(self.schedule)} · {steps}"

    def _has(self, name: str, key: str) -> bool:
        if name not in type(self).model_fields or not key:
            return name in type(self).model_fields
        holder = getattr(self, name)
        known = type(holder).model_fields if isinstance(holder, Part) else ()
        return isinstance(holder, Mapping) or key in known


def size_said(recipe: Way) -> str:
    """Return the size of the pictures in words: “768×512”, “the model's own size”."""
    if not recipe.width and not recipe.height:
        return "the model's own size"
    return "×".join(str(side or "own") for side in (recipe.width, recipe.height))


def _entry_changed(holder: Any, key: str, value: object) -> dict[str, object]:
    entries: dict[str, object] = {**dict(holder), key: value}
    if value is None and isinstance(holder, Mapping):
        del entries[key]
    return entries
