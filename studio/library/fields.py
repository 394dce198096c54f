"""The types of a recipe's fields: what strangers may write into them, and what not."""

import math
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    Strict,
)

from studio.diffusion.curve import optional_curve
from studio.diffusion.knob import Value

MAX_SEEDS = 65_536
MAX_STEPS = 10_000
MAX_ENTRIES = 1_000
MAX_STRING = 4_096
MAX_PROMPT = 16_384
MAX_SIDE = 16_384  # pixels
MAX_LORAS = 64

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


def _curve_text(value: str) -> str:
    optional_curve(value)
    return value


def _prompt(value: str) -> str:
    controls = (c for c in value if c < " " and c not in "\n\t")
    if next(controls, None) is not None or (not value.isascii() and _has_half_signs(value)):
        raise ValueError("must be a text without control characters")
    return value


def _has_half_signs(value: str) -> bool:
    """Tell whether there are halves of surrogate pairs, which no file can hold."""
    return any("\ud800" <= c <= "\udfff" for c in value)


Text = Annotated[str, Strict(), Field(max_length=MAX_STRING)]
Prompt = Annotated[str, Strict(), Field(max_length=MAX_PROMPT), AfterValidator(_prompt)]
Side = Annotated[int, Strict(), Field(ge=0, le=MAX_SIDE)]  # of a picture, in pixels
CurveText = Annotated[Text, AfterValidator(_curve_text)]
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
