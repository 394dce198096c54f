"""AUTOMATIC1111's line of parameters, which every tool of this kind can read."""

import json
import re
from collections.abc import Iterator

from studio.diffusion.curve import optional_curve
from studio.library.names import a1111_sampler, a1111_schedule
from studio.library.recipe import Recipe

MAX_LINE = 65_536

# Their name and our field. Knobs that a recipe leaves at their defaults are not written.
FIELDS = {
    "Steps": "steps",
    "Seed": "seeds",
    "CFG scale": "guidance",
    "Schedule min sigma": "sigma_min",
    "Schedule max sigma": "sigma_max",
    "Schedule rho": "schedule_knobs.rho",
    "Sigma churn": "knobs.s_churn",
    "Sigma tmin": "knobs.s_tmin",
    "Sigma tmax": "knobs.s_tmax",
    "Sigma noise": "knobs.s_noise",
    "Eta": "knobs.eta",
    "CFG over sigma": "guidance_curve",
    "CFG Rescale phi": "guidance_rescale",
    "CFG Rescale φ": "guidance_rescale",
    "Prompt": "prompt",
    "Negative prompt": "negative_prompt",
    "Churn over sigma": "knobs.churn_curve",
}

_PROMPTS = ("prompt", "negative_prompt")
_ELSEWHERE = ("CFG Rescale φ",)  # read only: another name of the same

_VALUE = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^,]*)')


def write_parameters(recipe: Recipe, index: int, width: int, height: int) -> str:
    """Return the text for picture `index` of a recipe, whose size is given in pixels.

    Prompts stand before the line of parameters, as they were written.
    """
    values: dict[str, object] = {
        "Steps": len(recipe.sigmas) - 1 if recipe.sigmas else recipe.steps,
        "Sampler": a1111_sampler(recipe.sampler),
        "Schedule type": a1111_schedule(recipe.schedule),
        "CFG scale": _scale(recipe),
        "Seed": recipe.seeds[index] if index < len(recipe.seeds) else None,
        "Size": f"{width}x{height}",
        "Model hash": recipe.model.sha256[:10] or None,
        "Model": recipe.model.name or None,
        "Lora hashes": ", ".join(f"{_word(x.name)}: {x.sha256[:12]}" for x in recipe.worn) or None,
    }
    for name, field in FIELDS.items():
        if field not in _PROMPTS and name not in _ELSEWHERE:
            values.setdefault(name, _value(recipe, field))
    line = ", ".join(f"{name}: {_quoted(v)}" for name, v in values.items() if v is not None)
    negative = f"Negative prompt: {recipe.negative_prompt}" if recipe.negative_prompt else ""
    return "\n".join(filter(None, (recipe.prompt, negative, line)))


def read_parameters(text: str) -> dict[str, str]:
    """Return the fields of a line, with “Prompt” and “Negative prompt” where there are any."""
    start = 0 if text.startswith("Steps:") else text.rfind("\nSteps:") + 1
    if not text.startswith("Steps:", start):
        return {}
    prompt, _, negative = text[:start].partition("Negative prompt:")
    prompts = {"Prompt": prompt.strip(), "Negative prompt": negative.strip()}
    line = text[start : start + MAX_LINE].partition("\n")[0]
    return {name: said for name, said in prompts.items() if said} | dict(_fields(line))


def _fields(line: str) -> Iterator[tuple[str, str]]:
    at = 0
    while (colon := line.find(":", at)) >= 0 and (match := _VALUE.match(line, colon + 1)):
        yield line[at:colon].strip(", "), _unquoted(match[1].strip())
        at = match.end()


def _word(name: str) -> str:
    """Return a name without the signs that separate names and hashes."""
    return re.sub(r"[,:\s]+", " ", name).strip()


def _value(recipe: Recipe, field: str) -> object:
    name, _, key = field.partition(".")
    holder = getattr(recipe, name)
    value = holder.get(key) if key else holder
    unset = value == "" or (field == "guidance_rescale" and value == 0)
    return None if unset else value


def _scale(recipe: Recipe) -> float | None:
    """Return the guidance, of a curve the most: other tools know one number only."""
    drawn = optional_curve(recipe.guidance_curve)
    scale = recipe.guidance if drawn is None else max(drawn.values)
    return scale if scale != 1 else None


def _quoted(value: object) -> str:
    text = repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
    return json.dumps(text, ensure_ascii=False) if set(text) & set(',:"\n') else text


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        return value  # An opening quote without its partner.
