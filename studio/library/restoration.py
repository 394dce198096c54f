"""Turn what another tool wrote into a recipe, and say what was lost on the way."""

from dataclasses import dataclass

from studio.diffusion import SCHEDULES, SOLVERS, KnobError, Spec
from studio.library.errors import RecipeError
from studio.library.foreign import Found
from studio.library.names import find_schedule, sampler_label, schedule_label, split_name
from studio.library.recipe import Recipe
from studio.library.way import ModelRef

_WORDS = {
    "seeds": "seed",
    "steps": "number of steps",
    "sigma_min": "smallest σ",
    "sigma_max": "largest σ",
    "guidance_curve": "guidance over σ",
    "negative_prompt": "negative prompt",
    "guidance_rescale": "guidance rescale",
}
_MOST_NAMES = 12
_WRITTEN = ("prompt", "negative_prompt")


@dataclass(frozen=True, slots=True)
class Restoration:
    """A recipe found in a picture, what could not be restored, and its place in the batch."""

    recipe: Recipe
    notes: tuple[str, ...] = ()
    index: int = 0


def restoration(found: Found) -> Restoration:
    """Restore what has a place in a recipe; every loss becomes a note of one sentence."""
    return _Restorer(found).restoration()


class _Restorer:
    """Take the values of a tool one after another; what is not taken was lost."""

    def __init__(self, found: Found) -> None:
        self._values = dict(found.values)
        self._recipe = Recipe()
        self._notes = [f"{found.tool} draws its noise in another way, so the picture will differ."]

    def restoration(self) -> Restoration:
        self._take_solver()
        self._take_model()
        self._take_strength()
        for field in [
            name for name in self._values if name.partition(".")[0] in Recipe.model_fields
        ]:
            self._take(field)
        self._note_the_rest()
        return Restoration(self._recipe, tuple(self._notes))

    def _take_solver(self) -> None:
        name, spacing = self._text("sampler"), self._text("schedule")
        sampler, schedule = split_name(name)
        if spacing:
            schedule = find_schedule(spacing)
        self._choose("sampler", name, sampler, sampler_label(self._recipe.sampler))
        self._choose("schedule", spacing, schedule, schedule_label(self._recipe.schedule))

    def _choose(self, field: str, name: str, id: str | None, instead: str) -> None:
        if id is not None:
            self._recipe = self._recipe.changed(field, id)
        else:
            problem = f"“{_short(name)}” is not known here" if name else "is not recorded"
            self._notes.append(f"The {field} {problem}: {instead} takes its place.")

    def _take_model(self) -> None:
        name = self._text("model")
        if not name:
            return
        self._notes.append(f"The model is known by name only, “{_short(name)}”: open it yourself.")
        try:
            self._recipe = self._recipe.changed("model", ModelRef(name=name))
        except ValueError:
            self._notes[-1] = "The name of the model is too long to be true and was left out."

    def _take_strength(self) -> None:
        strength = _number(self._values.pop("strength", None))
        if strength is not None and strength < 1:
            self._values[f"the source picture (strength {strength:g})"] = True

    def _take(self, field: str) -> None:
        value = self._values.pop(field)
        written = field in _WRITTEN or _is_curve(self._recipe, field)
        worth = _text_of(value) if written else _number(value)
        try:
            _check_knob(self._recipe, field, worth)
            self._recipe = self._recipe.changed(field, (worth,) if field == "seeds" else worth)
        except (RecipeError, KnobError):
            name = _WORDS.get(field, field.rpartition(".")[2])
            self._notes.append(
                f"The {name} “{_short(value)}” cannot be used here and was left out."
            )

    def _note_the_rest(self) -> None:
        names = [_short(name) for name, value in self._values.items() if value]
        if names:
            more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
            listed = ", ".join(names[:_MOST_NAMES])
            self._notes.append(f"A recipe has no place for: {listed}{more}.")

    def _text(self, field: str) -> str:
        value = self._values.pop(field, None)
        return value if isinstance(value, str) else ""


def _text_of(value: object) -> object:
    """Return a text with the line ends of ours; what is no text stays what it is."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def _is_curve(recipe: Recipe, field: str) -> bool:
    spec = SOLVERS.get(recipe.sampler)
    curves = {f"knobs.{knob.id}" for knob in spec.knobs if knob.curve} if spec else set()
    return field == "guidance_curve" or field in curves


def _check_knob(recipe: Recipe, field: str, value: object) -> None:
    """Raise KnobError where the solver or the schedule of `recipe` has no such knob or value."""
    holder, _, knob = field.partition(".")
    spec: Spec | None = None
    if holder == "knobs":
        spec = SOLVERS.get(recipe.sampler)
    elif holder == "schedule_knobs":
        spec = SCHEDULES.get(recipe.schedule)
    if spec is not None:
        spec.values({knob: value})


def _number(value: object) -> int | float | None:
    """Return what a tool wrote as a number, whole where it is whole, or None."""
    if isinstance(value, str):
        try:
            value = int(value) if value.strip().lstrip("-").isdecimal() else float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _short(value: object) -> str:
    text = "".join(c if c.isprintable() else " " for c in str(value)[:60])
    return text if len(text) < 60 else f"{text}…"
