"""Schedules as they are drawn: edited by hand, laid over each other, kept under a name."""

from collections.abc import Iterable, Mapping

from studio.diffusion import SCHEDULES
from studio.diffusion.levels import levels_text
from studio.engine.plan import plan
from studio.library import Recipe
from studio.library.fields import MAX_STRING
from studio.library.names import schedule_label
from studio.models import ModelInfo

OWN = "own:"
"""What the id of an overlay begins with that is one of the person's own."""


def drawn(levels: tuple[float, ...]) -> dict[str, object]:
    """Return the changes of a recipe by which its list of σ is exactly this one, then 0.

    Raises:
        ValueError: there are too many levels for a list written out.
    """
    text = levels_text(levels)
    if len(text) > MAX_STRING:
        raise ValueError(f"A list of {len(levels)} levels is too long to be shaped by hand.")
    return {
        "schedule": "custom",
        "sigma_min": None,
        "sigma_max": None,
        "steps": len([level for level in levels if level > 0]),
        "schedule_knobs.levels": text,
    }


def overlays(
    wanted: Iterable[str], own: Mapping[str, str], recipe: Recipe, info: ModelInfo | None
) -> dict[str, tuple[float, ...]]:
    """Return by their names the lists that other schedules would have with a recipe's steps.

    One that cannot be had on the model is left out.
    """
    found = {}
    for id in wanted:
        other = _with_schedule(recipe, id, own)
        try:
            if info is not None and other is not None:
                name = schedule_label(id).removeprefix(OWN)
                found[name] = plan(other, info).sigmas
        except ValueError:
            continue
    return found


def _with_schedule(recipe: Recipe, id: str, own: Mapping[str, str]) -> Recipe | None:
    bare: dict[str, object] = {"sigmas": (), "schedule_knobs": {}, "schedule": id}
    name = id.removeprefix(OWN)
    if name != id and name in own:
        bare |= {"schedule": "custom", "schedule_knobs": {"levels": own[name]}}
        bare |= {"sigma_min": None, "sigma_max": None}
    elif id not in SCHEDULES:
        return None
    return recipe.model_copy(update=bare)
