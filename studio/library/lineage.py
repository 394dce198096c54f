"""Say in a few words what changed on the way of a recipe."""

from collections.abc import Mapping
from itertools import pairwise

from studio.diffusion import SCHEDULES, SOLVERS, Spec, Value
from studio.library.names import sampler_label, schedule_label
from studio.library.recipe import Recipe

_LONGEST_TEXT = 40
_NOISES = {"keyed": "keyed noise", "brownian": "Brownian noise", "reference": "reference noise"}


def changes_said(recipe: Recipe) -> tuple[str, ...]:
    """Return for each segment after which step it begins and what it changes: “@ 5 · Heun”."""
    pairs = pairwise(recipe.parts())
    return tuple(
        f"@ {step} · {', '.join(_differences(before, after)) or 'as before'}"
        for (_, before), (step, after) in pairs
    )


def _differences(before: Recipe, after: Recipe) -> list[str]:
    said = []
    if after.sampler != before.sampler:
        said.append(sampler_label(after.sampler))
    said += _knobs(SOLVERS.get(after.sampler), before.knobs, after.knobs)
    if after.schedule != before.schedule:
        said.append(schedule_label(after.schedule))
    said += _knobs(SCHEDULES.get(after.schedule), before.schedule_knobs, after.schedule_knobs)
    said += _numbers(before, after)
    if after.classes != before.classes:
        said.append(_classes(after))
    said += _texts(before, after)
    if after.guidance_curve != before.guidance_curve:
        said.append(f"guidance over σ {_value(after.guidance_curve)}")
    said += _aids(before, after)
    if after.seeds != before.seeds:
        said.append(f"noise of seed {after.seeds[0]}")
    if after.noise != before.noise:
        said.append(_NOISES[after.noise])
    if not after.model.is_same(before.model):
        said.append(after.model.name or "another model")
    said += _loras(before, after)
    if after.precision.device != before.precision.device:
        said.append(f"on {after.precision.device}")
    return said


def _knobs(spec: Spec | None, before: Mapping[str, Value], after: Mapping[str, Value]) -> list[str]:
    knobs = spec.knobs if spec else ()
    pairs = ((k, before.get(k.id, k.default), after.get(k.id, k.default)) for k in knobs)
    return [f"{knob.label} {_value(new)}" for knob, old, new in pairs if old != new]


def _numbers(before: Recipe, after: Recipe) -> list[str]:
    named = {
        "{} steps": (before.steps, after.steps),
        "σ max {}": (before.sigma_max, after.sigma_max),
        "σ min {}": (before.sigma_min, after.sigma_min),
        "guidance {}": (before.guidance, after.guidance),
        "guidance from σ {}": (before.guidance_low, after.guidance_low),
        "guidance up to σ {}": (before.guidance_high, after.guidance_high),
        "guidance rescale {}": (before.guidance_rescale, after.guidance_rescale),
        "threshold {} %": (before.threshold, after.threshold),
        "classifier scale {}": (before.classifier_scale, after.classifier_scale),
    }
    return [
        words.format("open" if new is None else _value(new))
        for words, (old, new) in named.items()
        if old != new
    ]


def _texts(before: Recipe, after: Recipe) -> list[str]:
    """Return what other prompts there are, in so far as they fit into a line."""
    named = {"prompt": (before.prompt, after.prompt)}
    named["negative prompt"] = (before.negative_prompt, after.negative_prompt)
    return [
        f"{name} “{short_prompt(new)}”" if new else f"no {name}"
        for name, (old, new) in named.items()
        if old != new
    ]


def short_prompt(text: str) -> str:
    """Return the beginning of a prompt in one line."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_TEXT else f"{line[: _LONGEST_TEXT - 1].rstrip()}…"


def _aids(before: Recipe, after: Recipe) -> list[str]:
    """Return which weaker model and which classifier came or went."""
    named = {"guide": (before.guide, after.guide)}
    named["classifier"] = (before.classifier, after.classifier)
    return [
        f"{name} {new.name}" if new else f"without {name}"
        for name, (old, new) in named.items()
        if (old.known_by if old else "") != (new.known_by if new else "")
    ]


def _loras(before: Recipe, after: Recipe) -> list[str]:
    """Return which LoRAs came, went or act more or less."""
    old, new = ({lora.known_by: lora for lora in each.worn} for each in (before, after))
    gone = [f"without {lora.name}" for key, lora in old.items() if key not in new]
    return gone + [
        f"{lora.name} {lora.strength:.4g}"
        for key, lora in new.items()
        if key not in old or old[key].strength != lora.strength
    ]


def _value(value: Value) -> str:
    if isinstance(value, str):
        return (value or "off") if len(value) <= 16 else "by hand"
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.4g}"


def _classes(recipe: Recipe) -> str:
    if isinstance(recipe.classes, str):
        return f"{recipe.classes} class"
    return "class " + " ".join(str(i) for i in recipe.classes[:4])
