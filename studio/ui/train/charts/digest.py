"""A course made ready to be drawn, away from the window's thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studio.training.run_folder.course import Course
from studio.training.run_folder.facts import Facts
from studio.training.run_folder.thinning import Curve, LevelGrid, level_grid, thin
from studio.ui.train.charts.measures import MEASURES


@dataclass(frozen=True, slots=True, eq=False)
class Digest:
    """Hold a course, a curve for every measure that it has values of, and its grids of levels."""

    course: Course
    curves: Mapping[str, Curve]
    grid: LevelGrid
    held_out: LevelGrid
    facts: Facts | None


def digest(course: Course, facts: Facts | None) -> Digest:
    """Return a course with what is drawn of it; series without a value have no curve."""
    series = {id: getattr(course, id) for id in MEASURES}
    if facts is not None and np.all(np.isnan(course.half_life_kimg)):
        series["half_life_kimg"] = facts.average(course.kimg)
    curves = {
        id: thin(course.kimg, values / MEASURES[id].unit)
        for id, values in series.items()
        if not np.all(np.isnan(values))
    }
    grid = level_grid(course.kimg, course.loss_by_level)
    held_out = level_grid(course.held_out[:, 0], course.held_out_by_level)
    return Digest(course, curves, grid, held_out, facts)
