"""The pictures of a run or a take, as subjects of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from studio.session.editing.subjects import Subject, read_subject
from studio.session.planes import glimpse, is_planar

if TYPE_CHECKING:
    from studio.library import Recipe, Trajectory
    from studio.models import ModelInfo
    from studio.session.sampling import Shown


def subjects_of(shown: Shown, size: tuple[int, int], info: ModelInfo | None) -> list[Subject]:
    """Return the final pictures, or points, of what is shown; files are read at (width, height).

    Raises:
        ModelError: a picture of the take cannot be read.
        OSError: as before.
    """
    frames, recipe = shown.trajectory, shown.recipe
    if frames is not None and len(frames) and is_planar(frames):
        return _points(recipe, frames, info)
    if frames is not None and len(frames):
        pictures = frames.preview(len(frames) - 1)
        return [subject_of(recipe, place, pixels) for place, pixels in enumerate(pictures)]
    read = [read_subject(path, size).pixels for path in shown.pictures]
    return [subject_of(recipe, place, pixels) for place, pixels in enumerate(read)]


def _points(recipe: Recipe, frames: Trajectory, info: ModelInfo | None) -> list[Subject]:
    states = frames.state(len(frames) - 1)
    return [
        Subject(
            f"seed {seed}",
            glimpse(frames, -1, which, info),
            f"({state.ravel()[0]:.3f}, {state.ravel()[1]:.3f})",
            data=np.asarray(state, np.float64),
        )
        for which, (seed, state) in enumerate(zip(recipe.seeds, states, strict=True))
    ]


def subject_of(recipe: Recipe, place: int, pixels: np.ndarray) -> Subject:
    """Return one picture of a recipe: pixels (H, W, 3) uint8, at its place in the batch."""
    seed = recipe.seeds[place] if place < len(recipe.seeds) else place
    label = recipe.labels[place] if place < len(recipe.labels) else -1
    known = label if label >= 0 else None
    return Subject(f"seed {seed}", pixels.copy(), "from a take", label=known)
