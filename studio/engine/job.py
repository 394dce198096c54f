"""What the engine is asked to do and what it reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from studio.library import Recipe, Trajectory
from studio.library.comparison import Comparison
from studio.library.sweeps import Sweep

if TYPE_CHECKING:
    import numpy as np

    from studio.engine.fault import Fault

Outcome = Literal["finished", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """A frozen recipe on its way to the device.

    `past` holds steps that were taken already, none where it starts from noise; the run goes on
    after them and appends to it.
    """

    id: int
    recipe: Recipe
    past: Trajectory | None = None


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
    None when not one step was finished. `compiling` is how many of the `seconds` it took to compile
    the network. `fault` says why a job failed. `take` is the id that the
    take will have, `parent` that of the one it branched from. `figures` are those of restored
    pictures, (B,) each: “residual”, and where the original is known “psnr” and “ssim”.
    """

    job: int
    outcome: Outcome
    recipe: Recipe
    trajectory: Trajectory | None
    pictures: "np.ndarray | None"
    nfe: int
    seconds: float
    fault: "Fault | None" = None
    take: str = ""
    parent: str | None = None
    compiling: float = 0.0
    figures: "Mapping[str, np.ndarray]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompareJob:
    """A comparison on its way to the device.

    `root` is the folder of the takes, `fits_root` that of the fitted schedules; `computed_by` names
    device and dtype as they were asked for: cells are shared only where it is the same.
    """

    id: int
    comparison: Comparison
    root: Path
    fits_root: Path
    computed_by: str = ""


@dataclass(frozen=True, slots=True)
class SweepJob:
    """A sweep on its way to the device.

    `root` is the folder of the takes; `computed_by` as for a comparison. Of `world` processes that
    share the cells out, this is the one with the number `rank`.
    """

    id: int
    sweep: Sweep
    root: Path
    computed_by: str = ""
    rank: int = 0
    world: int = 1


@dataclass(frozen=True, slots=True)
class CellsProgress:
    """Where a comparison or a sweep stands: cells that are done, and calls of the network."""

    job: int
    done: int
    total: int
    doing: str
    calls: int
    calls_total: int
    elapsed: float

    @property
    def share(self) -> float:
        """Return how much is done, from 0 to 1, by calls."""
        return self.calls / self.calls_total

    @property
    def seconds_left(self) -> float:
        """Return the time that the rest takes at the pace so far."""
        return self.elapsed * (self.calls_total - self.calls) / max(self.calls, 1)


@dataclass(frozen=True, slots=True)
class CellsEnding:
    """How a comparison or a sweep ended; what is done is on the disk."""

    job: int
    outcome: Outcome
    done: int
    total: int
    seconds: float
    fault: "Fault | None" = None
