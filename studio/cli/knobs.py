"""Read knobs, devices and what is wrong with them from the command line."""

import argparse
import re
from collections.abc import Mapping

from studio.diffusion import SAMPLERS, SCHEDULES, Knob, KnobError, Spec, Value
from studio.diffusion.curve import curve

_SWITCH = {"1": True, "true": True, "yes": True, "on": True} | dict.fromkeys(
    ("0", "false", "no", "off"), False
)


GUIDANCE_HELP = "classifier-free guidance, 1 is none, or a curve over σ: “80: 1, 5: 3, 0.1: 1”"


def device(text: str) -> str:
    """Return the name of a device, checked."""
    if not re.fullmatch(r"auto|cpu|mps|(cuda|xpu)(:\d+)?", text):
        raise argparse.ArgumentTypeError(f"“{text}” is no kind of device")
    return text


def guidance(text: str) -> dict[str, Value]:
    """Return the fields of a recipe that a guidance means: one number, or a curve over σ."""
    try:
        return {"guidance": float(text)}
    except ValueError:
        pass
    try:
        curve(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return {"guidance_curve": text}


def first_line(error: Exception) -> str:
    """Return what is wrong, in one line; of pydantic's complaints the first."""
    details = getattr(error, "errors", None)
    if callable(details):
        first = details()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return str(error)


def all_knobs(solvers: Mapping[str, Spec] = SAMPLERS) -> dict[str, list[Knob]]:
    """Return every knob of solvers and schedules by its id, which several may share."""
    knobs: dict[str, list[Knob]] = {}
    for spec in (*solvers.values(), *SCHEDULES.values()):
        for knob in spec.knobs:
            knobs.setdefault(knob.id, []).append(knob)
    return knobs


def knob_help(knobs: list[Knob]) -> str:
    """Return the help of a knob with all its defaults, for argparse."""
    defaults = " or ".join(dict.fromkeys(str(knob.default) for knob in knobs))
    return f"{knobs[0].help} (default {defaults})".replace("%", "%%")


def given_knobs(
    options: argparse.Namespace, specs: Mapping[str, Spec], name: str
) -> dict[str, Value]:
    """Return the knobs of one sampler or schedule that the options set.

    Raises:
        KnobError: a value is no value of its knob.
    """
    own = {knob.id: knob for knob in specs[name].knobs}
    return {
        id: parsed_knob(knob, text)
        for id, knob in own.items()
        if (text := getattr(options, f"knob_{id}")) is not None
    }


def parsed_knob(knob: Knob, text: str) -> Value:
    """Return the value that a text means for a knob.

    Raises:
        KnobError: it means none.
    """
    if knob.kind == "bool":
        return knob.check(_SWITCH.get(text.lower(), text))
    if knob.kind in ("choice", "text"):
        return knob.check(text)
    try:
        return knob.check(float(text))
    except ValueError as error:
        if isinstance(error, KnobError):
            raise
        raise KnobError(f"{knob.label} must be a number, not “{text}”.") from error
