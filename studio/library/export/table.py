"""The steps of a trajectory as a table."""

import csv
import io
from math import log

from studio.library.archive import Array
from studio.library.plane import is_planar, points_of
from studio.library.recipe import Recipe
from studio.library.trajectory import Trajectory


def steps_csv(recipe: Recipe, frames: Trajectory) -> str:
    """Return a line for each step: its σ, the fall of ln σ, the cost, and figures per seed.

    `local_error` is the solver's own estimate, `change` the RMS of what x̂₀ moved since the step
    before; what a solver or step does not have stays empty. Points in the plane have `x1` and `x2`,
    their place after the step.
    """
    planar = is_planar(frames.start.shape)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    measures = ("local_error", "change", *(("x1", "x2") if planar else ()))
    names = [f"{name} seed {seed}" for name in measures for seed in recipe.seeds]
    writer.writerow(["step", "sigma", "sigma_next", "fall_of_ln_sigma", "nfe", *names])
    rows = zip(
        frames.sigmas, frames.sigmas_next, frames.nfes, frames.errors, frames.changes, strict=True
    )
    for step, (sigma, after, nfe, errors, changes) in enumerate(rows, 1):
        fall = log(sigma / after) if sigma > 0 and after > 0 else ""
        count = len(recipe.seeds)
        figures = [*_figures(errors, count), *_figures(changes, count)]
        if planar:
            figures += points_of(frames.state(step - 1)).T.ravel().tolist()
        writer.writerow([step, repr(sigma), repr(after), fall, nfe, *figures])
    return text.getvalue()


def _figures(values: Array | None, count: int) -> list[float | str]:
    return [""] * count if values is None else [float(value) for value in values]
