"""What an axis of a sweep begins with, and the values that can be chosen from a list."""

from collections.abc import Sequence

from studio.diffusion import SAMPLERS, SCHEDULES, Knob
from studio.library.sweeps import Field
from studio.ui.number_text import short_text

Offer = tuple[str, str]
"""The text that stands for a value, and what it is called in a list."""

_BEGIN = {
    "steps": "6, 10, 18",
    "sigma_min": "0.002, 0.01, 0.05",
    "sigma_max": "20, 40, 80",
    "guidance": "1, 2, 4",
    "guidance_low": "0, 0.3, 1",
    "guidance_high": "1; 5; ∞",
    "prompt": "a red fox; a castle at night",
    "negative_prompt": "blurry; text",
    "guidance_rescale": "0, 0.5, 0.7",
    "threshold": "0, 99, 99.5",
    "classifier_scale": "0, 1, 4",
    "seed": "0, 16, 32",
    "noise": "keyed, brownian",
    "sampler": "Heun, DPM++ 2M, DEIS",
    "schedule": "Karras, VP, Exponential",
}
_SWITCH = [("off", "Off"), ("on", "On")]
_NOISES = [("keyed", "Keyed"), ("brownian", "Brownian"), ("reference", "Reference")]
_ANY = [("any", "Any class"), ("random", "Random per seed")]


def offered(field: Field, classes: Sequence[str], models: Sequence[Offer]) -> list[Offer]:
    """Return every value that can be chosen from a list; nothing for numbers and texts.

    classes: the names of the model's classes; models: (path, name) of those that are at hand.
    """
    if field.knob is not None and field.kind == "choice":
        return list(field.knob.choices)
    lists: dict[str, list[Offer]] = {
        "sampler": [(spec.label, spec.label) for spec in SAMPLERS.values()],
        "schedule": [(s.label, s.label) for s in SCHEDULES.values() if s.id != "custom"],
        "bool": _SWITCH,
        "class": [*_ANY, *((f"#{i}", name) for i, name in enumerate(classes))],
        "model": list(models),
        "choice": _NOISES,
    }
    return lists.get(field.kind, [])


def _first_text(knob: Knob | None) -> str:
    """Return a text to begin with; of a curve the ends of its range, constant over σ."""
    if knob is not None and knob.curve:
        return "; ".join(short_text(value) for value in knob.soft or (0.0, 1.0))
    return str(knob.default) if knob is not None else ""


def first_values(field: Field, classes: Sequence[str], models: Sequence[Offer]) -> str:
    """Return the text of some values to begin with."""
    if field.id in _BEGIN:
        return _BEGIN[field.id]
    if field.kind == "class":
        return ", ".join(["any", *(f"#{i}" for i in range(min(2, len(classes))))])
    if offers := offered(field, classes, models):
        return ("; " if field.kind == "model" else ", ").join(text for text, _ in offers[:4])
    knob = field.knob
    if knob is None or isinstance(knob.default, str):
        return _first_text(knob)
    low, high = knob.soft or (0.0, 2 * float(knob.default) or 1.0)
    low, high = max(low, knob.low), min(high, knob.high)
    if knob.kind == "int":
        return f"{low:g}:{high:g}:{max(2, min(5, round(high - low) + 1))}"
    ratios = ":log" if knob.log and low > 0 else ""
    return f"{short_text(low)}:{short_text(high)}:5{ratios}"
