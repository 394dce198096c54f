"""The list of losses that `elucidate train --losses` prints."""

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from studio.diffusion.knob import Knob
from studio.training.losses import LOSSES
from studio.training.losses.spec import LossSpec

_WIDTH = 96


def print_losses(as_json: bool) -> None:
    """Print every loss with its formula, source and knobs; as JSON, one line for each."""
    for spec in LOSSES.values():
        print(json.dumps(_facts(spec)) if as_json else "\n".join(_lines(spec)) + "\n")


def _facts(spec: LossSpec) -> dict[str, Any]:
    names = ("id", "label", "family", "source", "help", "formula")
    facts: dict[str, Any] = {name: getattr(spec, name) for name in names}
    kinds = {"pictures": spec.pictorial, "points": spec.planar}
    facts["for"] = [kind for kind, fits in kinds.items() if fits]
    facts["knobs"] = [
        {"id": knob.id, "label": knob.label, "default": knob.default, "help": knob.help}
        | ({"choices": [value for value, _ in knob.choices]} if knob.choices else {})
        for knob in spec.knobs
    ]
    return facts


def _lines(spec: LossSpec) -> Iterator[str]:
    yield f"{spec.id}: {spec.label}. {spec.source}."
    yield from (f"    {line}" for line in spec.formula.splitlines())
    yield from _wrapped(spec.help, "    ")
    for knob in spec.knobs:
        yield from _wrapped(f"{knob.id} = {_default(knob)}: {knob.help}", "    ", "        ")


def _wrapped(text: str, first: str, later: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=later or first)


def _default(knob: Knob) -> str:
    others = [value for value, _ in knob.choices if value != knob.default]
    text = json.dumps(knob.default)
    return f"{text} (or {', '.join(map(json.dumps, others))})" if others else text
