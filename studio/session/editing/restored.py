"""One restoration, and what it is worth step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.library import Recipe
from studio.library.frame import FIGURES

if TYPE_CHECKING:
    from studio.library import Trajectory

Series = NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Restored:
    """Hold what a run made of the picture, or has made so far.

    pictures: (B, H, W, 3) uint8, None before the first step; series: `residual`, and `psnr` and
    `ssim` where the original is known, each (steps, B), NaN where a step has none, and `final` the
    same of the finished pictures, (B,) each. `take` is the id that its take has, or will have;
    `total` the number of steps, if it is known. `outcome` is empty while it runs.
    """

    recipe: Recipe
    pictures: NDArray[np.uint8] | None = None
    series: Mapping[str, Series] = field(default_factory=dict)
    final: Mapping[str, Series] = field(default_factory=dict)
    total: int | None = None
    nfe: int = 0
    seconds: float | None = None
    take: str = ""
    outcome: str = ""

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seed of every picture."""
        return self.recipe.seeds

    def figure(self, name: str) -> float | None:
        """Return the mean of a figure over the pictures, at the end or as of now; or None."""
        last = self.last(name)
        return float(last.mean()) if last.size and np.isfinite(last).all() else None

    def last(self, name: str) -> Series:
        """Return a figure of every picture, (B,), at the end or as of now; empty without any."""
        if name in self.final:
            return self.final[name]
        values = self.series.get(name)
        return np.zeros(0) if values is None or not len(values) else values[-1]

    def is_like(self, other: Restored) -> bool:
        """Tell whether both restore the same in the same way; the seeds may be others."""
        return way_of(self.recipe) == way_of(other.recipe)

    def followed(self, frames: Trajectory) -> Restored:
        """Return it as the steps that were taken by now show it."""
        if not len(frames):
            return self
        return replace(
            self,
            pictures=frames.preview(len(frames) - 1),
            series=series_of(frames),
            total=frames.total,
            nfe=frames.nfes[-1],
        )


def way_of(recipe: Recipe) -> tuple[object, ...]:
    """Return what a restoration depends on, save for the seeds."""
    levels = (recipe.schedule, str(recipe.schedule_knobs), recipe.sigma_min, recipe.sigma_max)
    told = (str(recipe.classes), recipe.prompt, recipe.negative_prompt, recipe.guidance)
    model = recipe.model.path
    return model, recipe.sampler, recipe.steps, str(recipe.knobs), levels, told, measured(recipe)


def measured(recipe: Recipe) -> tuple[object, ...] | None:
    """Return what a restoration is given, by content: two that are equal can be compared."""
    task = recipe.restoration
    if task is None:
        return None
    inputs = [ref.sha256 if ref else "" for ref in (task.picture, task.mask, task.kernel)]
    operators = tuple((each.id, str(sorted(each.knobs.items()))) for each in task.operators)
    return (*inputs, operators, task.noise, task.noise_seed, task.measured)


def series_of(frames: Trajectory) -> dict[str, Series]:
    """Return the figures of every step, (steps, B) each, NaN for a step that has none."""
    found: dict[str, Series] = {}
    for name in FIGURES:
        rows = frames.figures(name)
        known = next((row for row in rows if row is not None), None)
        if known is not None:
            gap = np.full(len(known), np.nan)
            found[name] = np.stack([gap if row is None else np.asarray(row) for row in rows])
    return found
