"""Read and write the values of an axis of a sweep as text: “0, 10, 20”, “0:80:9”, “heun, deis”."""

import math
import re
from collections.abc import Sequence
from pathlib import Path

from studio.diffusion import SAMPLERS, SCHEDULES, KnobError, Value
from studio.diffusion.registry import find
from studio.library.names import find_sampler, find_schedule, sampler_label, schedule_label
from studio.library.sweeps import Axis, Field
from studio.ui.classes import parse_classes
from studio.ui.number_text import exact_text, parse_number

VALUES_HELP = (
    "values as 0, 10, 20; as from:to:count, so that 0:80:9 is 0, 10, … 80; or as from:to:count:log "
    "in equal ratios. Semicolons or spaces allow decimal commas: 0,5; 1,0"
)

_SWITCH = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False}
_SWITCH |= {"no": False, "0": False}
_MOST = 256


class AxisTextError(ValueError):
    """Say why a text is no list of values."""


def parse_axis(field: Field, text: str, classes: Sequence[str] = ()) -> Axis:
    """Return the axis that goes over a field by the values in `text`; one that is there twice once.

    classes: the names of the model's classes, for an axis over classes.

    Raises:
        ValueError: a part is no value of the field, or there is none.
    """
    pairs = dict.fromkeys(_pairs(field, text, tuple(classes)))
    if not pairs:
        raise AxisTextError(f"{field.label} has no values. Give {VALUES_HELP}.")
    if len(pairs) > _MOST:
        raise AxisTextError(f"{field.label} has {len(pairs):,} values; at most {_MOST} are swept.")
    values, names = zip(*pairs, strict=True)
    return Axis(field=field.id, values=values, names=names if any(names) else ())


def axis_text(axis: Axis) -> str:
    """Return the text to edit, which `parse_axis` turns back into the same values."""
    if axis.field == "model":
        return "; ".join(str(value) for value in axis.values)
    texts = [_text(value) for value in axis.values]
    if len(axis.names) == len(axis.values):
        plain = not any(sign in name for name in axis.names for sign in ",;#")
        numbers = [
            t if isinstance(v, str) else f"#{t}" for t, v in zip(texts, axis.values, strict=True)
        ]
        texts = list(axis.names) if plain else numbers
    texts_alone = not axis.names and all(isinstance(value, str) for value in axis.values)
    return ("; " if texts_alone or any("," in text for text in texts) else ", ").join(texts)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else exact_text(value)


def _pairs(field: Field, text: str, classes: tuple[str, ...]) -> list[tuple[Value, str]]:
    """Return each value with the name that it needs beside it, or an empty one."""
    if field.kind in ("int", "float"):
        numbers = [n for part in _numbers(text) for n in _range(part, field.kind == "int")]
        return [(_checked(field, number), "") for number in numbers]
    parts = [part.strip() for part in re.split(_separator(field, text), text) if part.strip()]
    return [_named(field, part, classes) for part in parts]


def _separator(field: Field, text: str) -> str:
    return ";" if field.kind == "text" or (field.kind == "model" and ";" in text) else "[,;]"


def _numbers(text: str) -> list[str]:
    """Return the parts of a list of numbers, in which a comma may be a decimal one."""
    if ";" in text:
        parts = text.split(";")
    elif re.search(r"\s", text.strip()):
        parts = re.split(r",?\s+", text)
    else:
        parts = text.split(",")
    return [part.strip() for part in parts if part.strip()]


def _range(part: str, whole: bool) -> list[float]:
    """Return the numbers that a part stands for: itself, or those of from:to:count."""
    pieces = part.split(":")
    if len(pieces) == 1:
        return [parse_number(part, whole=whole)]
    ratios = pieces[3:] == ["log"]
    if not 3 <= len(pieces) <= 4 or (len(pieces) == 4 and not ratios):
        raise AxisTextError(f"“{part}” is no range. Write from:to:count or from:to:count:log.")
    low, high = parse_number(pieces[0]), parse_number(pieces[1])
    count = parse_number(pieces[2], whole=True)
    if not (2 <= count <= _MOST and count.is_integer() and math.isfinite(high - low)):
        raise AxisTextError(f"“{part}” must have between 2 and {_MOST} values, from end to end.")
    if ratios and not (low > 0 and high > 0):
        raise AxisTextError(f"“{part}” goes in equal ratios: both ends must be above 0.")
    shares = [i / (count - 1) for i in range(int(count))]
    if ratios:
        found = [low * (high / low) ** share for share in shares]
    else:
        found = [low + (high - low) * share for share in shares]
    return [float(round(number)) if whole else float(f"{number:.10g}") for number in found]


def _checked(field: Field, number: float) -> Value:
    if field.knob is not None:
        return field.knob.check(number)
    if field.kind == "float":
        return number
    if not number.is_integer() or number < 0:
        raise KnobError(f"{field.label} takes whole numbers from 0, not {number:g}.")
    return int(number)


def _named(field: Field, part: str, classes: tuple[str, ...]) -> tuple[Value, str]:
    if field.kind == "sampler":
        id = find_sampler(part) or find(SAMPLERS, part, "sampler").id
        return id, sampler_label(id)
    if field.kind == "schedule":
        id = find_schedule(part) or find(SCHEDULES, part, "schedule").id
        return id, schedule_label(id)
    if field.kind == "class":
        chosen = parse_classes(part, classes)
        value = chosen if isinstance(chosen, str) else chosen[0]
        return value, value if isinstance(value, str) else classes[value]
    if field.kind == "model":
        return str(Path(part).expanduser().absolute()), Path(part).stem
    if field.kind == "bool":
        if part.lower() not in _SWITCH:
            raise KnobError(f"{field.label} is a switch: give on, off or both, not “{part}”.")
        return _SWITCH[part.lower()], ""
    return (field.knob.check(part) if field.knob is not None else part), ""
