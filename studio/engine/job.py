"""What the engine is asked to do and what it reports."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from studio.library import Recipe, Trajectory

if TYPE_CHECKING:
    import numpy as np

    from studio.engine.fault import Fault

Outcome = Literal["finished", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """A frozen recipe on its way to the device."""

    id: int
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A job that has begun: its recipe with every list filled in, and its growing trajectory."""

    job: int
    recipe: Recipe
    trajectory: Trajectory


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands after a step.

    `index` is the step that was finished (0-based), `elapsed` counts seconds since the first step.
    `total` and `nfe_total` are None while an adaptive solver cannot know them; `share` of the way
    is done, from 0 to 1, in steps or else in ln σ.
    """

    job: int
    index: int
    total: int | None
    sigma: float
    sigma_next: float
    nfe: int
    nfe_total: int | None
    elapsed: float
    share: float


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ended.

    `pictures`: (B, H, W, 3) uint8, the final pictures, or the newest x̂₀ of a run that was stopped;
    None when not one step was finished. `fault` says why a job failed.
    """

    job: int
    outcome: Outcome
    recipe: Recipe
    trajectory: Trajectory | None
    pictures: "np.ndarray | None"
    nfe: int
    seconds: float
    fault: "Fault | None" = None
