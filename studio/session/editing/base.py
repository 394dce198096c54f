"""The recipe that an errand follows: that of the Sample tab, with the solver of the page."""

from __future__ import annotations

from typing import Any

from studio.library import Recipe


def base_recipe(recipe: Recipe, solver: str, steps: int, label: int) -> Recipe:
    """Return a recipe of the same model and levels for a solver that follows the flow itself.

    label: the class, -1 for none. Guidance is left out: it bends the flow, so that what went up
    would not come down again.
    """
    changes: dict[str, Any] = {
        "task": "generate",
        "sampler": solver,
        "knobs": {},
        "steps": steps,
        "sigmas": (),
        "classes": (label,) if label >= 0 else "any",
        "labels": (),
        "guidance": 1.0,
        "guidance_curve": "",
        "segments": (),
        "restoration": None,
        "start": None,
    }
    return recipe.model_copy(update=changes)
