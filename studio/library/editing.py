"""Edit a recipe: set a field, and let go of what no longer fits it."""

from studio.diffusion import SOLVERS, Knob, KnobError, Value
from studio.library.recipe import Recipe

_SHAPES_SIGMAS = ("schedule", "steps", "sigma_min", "sigma_max")
_SHAPES_LABELS = ("classes", "seeds")


def edited(recipe: Recipe, field: str, value: object) -> Recipe:
    """Return the recipe with one field set, “steps” or “knobs.s_churn”, and what follows from it.

    Lists that depended on the field are to be made anew; another sampler keeps those knobs that it
    has, too, and another schedule begins with its defaults.

    Raises:
        RecipeError: there is no such field, or the value does not suit it.
    """
    recipe = recipe.changed(field, value)
    if field in _SHAPES_SIGMAS or field.startswith("schedule_knobs."):
        recipe = recipe.model_copy(update={"sigmas": ()})
    if field == "schedule":
        recipe = recipe.model_copy(update={"schedule_knobs": {}})
    if field == "sampler":
        recipe = recipe.model_copy(update={"knobs": _shared_knobs(recipe)})
    if field in _SHAPES_LABELS:
        recipe = recipe.model_copy(update={"labels": ()})
    return recipe


def _shared_knobs(recipe: Recipe) -> dict[str, Value]:
    """Return those of the knobs that the new sampler has, too, with a value it accepts."""
    known = {knob.id: knob for knob in SOLVERS[recipe.sampler].knobs}
    shared = {name: value for name, value in recipe.knobs.items() if name in known}
    return {name: value for name, value in shared.items() if _accepts(known[name], value)}


def _accepts(knob: Knob, value: Value) -> bool:
    try:
        knob.check(value)
    except KnobError:
        return False
    return True
