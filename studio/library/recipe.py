"""The recipe: everything that determines a picture, in one immutable value."""

import json
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    Strict,
    ValidationError,
    model_validator,
)

from studio.diffusion.knob import Value
from studio.library.errors import RecipeError
from studio.library.names import sampler_label, schedule_label
from studio.library.untrusted import complaint, read_json

VERSION = 1
MAX_SEEDS = 65_536
MAX_STEPS = 10_000
MAX_ENTRIES = 1_000
MAX_STRING = 4_096
MAX_JSON = 4_000_000  # characters, so that it fits a text chunk of a picture

# JSON has no infinity, and a guidance interval without an upper end is the default.
_INFINITIES: dict[object, float] = {"Infinity": math.inf, "-Infinity": -math.inf}
_WORDS = {number: word for word, number in _INFINITIES.items()}


def _read_infinity(value: object) -> object:
    return _INFINITIES.get(value, value) if isinstance(value, str) else value


def _write_infinity(value: Value) -> object:
    return _WORDS.get(value, value) if isinstance(value, float) else value


def _not_nan(value: float) -> float:
    if math.isnan(value):
        raise ValueError("must be a number")
    return value


def _knob_value(value: object) -> Value:
    value = _read_infinity(value)
    if isinstance(value, float):
        return _not_nan(value)
    if isinstance(value, int) and abs(value) < 2**64:
        return value
    if isinstance(value, str) and len(value) <= MAX_STRING and value.isprintable():
        return value
    raise ValueError("must be a number, a short text, true or false")


def _identifier(value: str) -> str:
    if not (0 < len(value) <= 64 and value.isascii() and value.replace(".", "_").isidentifier()):
        raise ValueError("must be made of letters, digits and _")
    return value


def _classes(value: object) -> "str | tuple[int, ...]":
    if isinstance(value, str) and value in ("any", "random"):
        return value
    if isinstance(value, list | tuple) and len(value) <= MAX_SEEDS and all(map(_is_class, value)):
        return tuple(value)
    raise ValueError("must be “any”, “random” or a list of class numbers")


def _is_class(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**31


Text = Annotated[str, Strict(), Field(max_length=MAX_STRING)]
Identifier = Annotated[str, Strict(), AfterValidator(_identifier)]
Step = Annotated[int, Strict(), Field(le=MAX_STEPS)]
Level = Annotated[float, Strict(), Field(ge=0, allow_inf_nan=False)]  # of noise, a σ
Bound = Annotated[
    float,
    Strict(),
    BeforeValidator(_read_infinity),
    AfterValidator(_not_nan),
    PlainSerializer(_write_infinity, when_used="json"),
    Field(ge=0),
]
KnobValue = Annotated[
    Value, PlainValidator(_knob_value), PlainSerializer(_write_infinity, when_used="json")
]
Knobs = Annotated[dict[Identifier, KnobValue], Field(max_length=MAX_ENTRIES)]
Seed = Annotated[int, Strict(), Field(ge=0, lt=2**64)]
Label = Annotated[int, Strict(), Field(ge=-1, lt=2**31)]
Classes = Annotated[Literal["any", "random"] | tuple[int, ...], BeforeValidator(_classes)]


class _Part(BaseModel):
    """A frozen piece of a recipe; fields of the future are left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ModelRef(_Part):
    """Which model made the picture: where it was, what it is called, and the hash of its file."""

    path: Text = ""
    name: Text = ""
    sha256: Annotated[str, Strict(), Field(pattern="^[0-9a-f]{0,64}$")] = ""


class Precision(_Part):
    """The number types of state and network, and what computed them.

    `threads` is how many of a CPU's were used, on which the last bits depend; 0 elsewhere.
    """

    state: Text = "float64"
    network: Text = "float32"
    device: Text = "cpu"
    threads: Annotated[int, Field(ge=0, le=4096)] = 0


class Segment(_Part):
    """What a branch or a live knob changed, and the step from which it did."""

    from_step: Annotated[Step, Field(ge=0)]
    changes: Knobs = Field(default_factory=dict)


class Recipe(_Part):
    """Everything that determines a batch of pictures; never changed, only replaced.

    `sigma_min` and `sigma_max` of None mean the schedule's own, within the range of the model.
    `sigmas` and `labels` are empty until the recipe is frozen for a run: then they are the exact
    noise levels, one more than steps, and one label a picture, -1 for none. A list of `classes` is
    cycled over the pictures. Guidance acts where `guidance_low` <= σ <= `guidance_high`.

    Raises:
        pydantic.ValidationError: a field has the wrong type or is out of bounds (a ValueError).
    """

    version: Annotated[int, Strict(), Field(ge=1)] = VERSION
    task: Identifier = "generate"
    model: ModelRef = ModelRef()
    sampler: Identifier = "heun"
    knobs: Knobs = Field(default_factory=dict)
    schedule: Identifier = "karras"
    steps: Annotated[Step, Field(ge=1)] = 18
    sigma_min: Level | None = None
    sigma_max: Level | None = None
    schedule_knobs: Knobs = Field(default_factory=dict)
    sigmas: Annotated[tuple[Level, ...], Field(max_length=MAX_STEPS + 1)] = ()
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1, max_length=MAX_SEEDS)] = (0,)
    classes: Classes = "any"
    labels: Annotated[tuple[Label, ...], Field(max_length=MAX_SEEDS)] = ()
    guidance: Annotated[float, Strict(), Field(allow_inf_nan=False)] = 1.0
    guidance_low: Bound = 0.0
    guidance_high: Bound = math.inf
    noise: Literal["keyed", "brownian", "reference"] = "keyed"
    precision: Precision = Precision()
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

    def summary(self) -> str:
        """Return solver, schedule and number of steps for a list of takes: “Heun · Karras · 18”."""
        steps = len(self.sigmas) - 1 if self.sigmas else self.steps
        return f"{sampler_label(self.sampler)} · {schedule_label(self.schedule)} · {steps}"

    def _has(self, name: str, key: str) -> bool:
        if name not in type(self).model_fields or not key:
            return name in type(self).model_fields
        holder = getattr(self, name)
        known = type(holder).model_fields if isinstance(holder, _Part) else ()
        return isinstance(holder, Mapping) or key in known


def _entry_changed(holder: Any, key: str, value: object) -> dict[str, object]:
    entries: dict[str, object] = {**dict(holder), key: value}
    if value is None and isinstance(holder, Mapping):
        del entries[key]
    return entries
