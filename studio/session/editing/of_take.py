"""The pictures of a run or a take, as subjects of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from studio.session.editing.subjects import Subject, read_subject
from studio.session.planes import is_planar

if TYPE_CHECKING:
    from studio.library import Recipe
    from studio.session.sampling import Shown


def subjects_of(shown: Shown, size: tuple[int, int]) -> list[Subject]:
    """Return the final pictures of what is shown, brought to size: (width, height).

    Raises:
        ModelError: a picture of the take cannot be read.
        OSError: as before.
    """
    frames, recipe = shown.trajectory, shown.recipe
    if frames is not None and len(frames) and not is_planar(frames):
        pictures = frames.preview(len(frames) - 1)
        return [subject_of(recipe, place, pixels) for place, pixels in enumerate(pictures)]
    read = [read_subject(path, size).pixels for path in shown.pictures]
    return [subject_of(recipe, place, pixels) for place, pixels in enumerate(read)]


def subject_of(recipe: Recipe, place: int, pixels: np.ndarray) -> Subject:
    """Return one picture of a recipe: pixels (H, W, 3) uint8, at its place in the batch."""
    seed = recipe.seeds[place] if place < len(recipe.seeds) else place
    label = recipe.labels[place] if place < len(recipe.labels) else -1
    known = label if label >= 0 else None
    return Subject(f"seed {seed}", pixels.copy(), "from a take", label=known)
