"""The measures that the plot over the steps can show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.library import Trajectory
from studio.library.archive import Array
from studio.library.measures import curvature, noise_band

Lines = NDArray[np.floating]
"""One line for each picture: (steps, B), NaN where a step has no value."""

_UNIT = "RMS in units of the picture, whose range is 2 from black to white"


@dataclass(frozen=True, slots=True)
class Measure:
    """Say what a measure is called, what it means and how it is drawn.

    `short` heads the plot and `sign` is the formula. `source` names what must be walked first
    ("along", "against"), nothing for what is recorded with every step. `low` and `high` bound the
    axis where the measure is bounded; `log` says that a logarithmic axis suits it.
    """

    id: str
    label: str
    short: str
    sign: str
    tip: str
    source: str = ""
    low: float | None = None
    high: float | None = None
    log: bool = False


MEASURES: Mapping[str, Measure] = {
    each.id: each
    for each in (
        Measure(
            "error",
            "Local error and Δx̂₀",
            "Local error",
            "error",
            "Bars: the solver's own estimate of the error it made in the step.\n"
            "Line: the change of x̂₀ since the step before, to its own scale unless logarithmic.\n"
            f"Both {_UNIT}",
            log=True,
        ),
        Measure(
            "distance",
            "Distance to the final picture",
            "Distance",
            "‖x̂₀ − final‖/√d",
            "How far x̂₀ still is from the picture that the run ends in (while it runs: from the\n"
            f"newest x̂₀). {_UNIT}",
            source="against",
            low=0.0,
            log=True,
        ),
        Measure(
            "curvature",
            "Curvature of the path",
            "Curvature",
            "σ²‖x″‖/√d",
            "‖Δx̂₀‖/√d per e-fold of σ, which is σ²·RMS of d²x/dσ²: 0 where the path is straight.\n"
            "The error of an Euler step grows with it (Karras et al. 2022, section 3)",
            low=0.0,
            log=True,
        ),
        Measure(
            "noise",
            "Norm of ε",
            "Norm of ε",
            "‖ε‖/√d",
            "‖(x − x̂₀)/σ‖/√d of the state before the step. Noise has 1 ± 1/√(2d), the band;\n"
            "a model that cannot tell all of the noise lies below it.\n"
            "With churn or restarts x̂₀ is that of the state after noise was added",
            source="along",
        ),
        Measure(
            "cosine",
            "Cosine between directions",
            "Cosine",
            "cos(ε, ε′)",
            "The cosine between the directions (x − x̂₀)/σ of this step and the one before:\n"
            "1 where the path goes straight on",
            source="along",
            high=1.0,
        ),
    )
}


def expected(measure: str, frames: Trajectory) -> tuple[float, float, float] | None:
    """Return low, middle and high of what a measure is expected to be, where that is known."""
    if measure != "noise":
        return None
    low, high = noise_band(int(np.prod(frames.shape[1:])))
    return low, 1.0, high


def recorded(measure: str, frames: Trajectory) -> Lines:
    """Return a measure that is recorded with every step: "error", "change" or "curvature"."""
    return _RECORDED[measure](frames)


def _errors(frames: Trajectory) -> Lines:
    return _stacked(frames.errors, frames.shape[0])


def _changes(frames: Trajectory) -> Lines:
    return _stacked(frames.changes, frames.shape[0])


def _curvatures(frames: Trajectory) -> Lines:
    changes, sigmas = frames.changes, frames.sigmas
    bent = [
        None if change is None or not step else curvature(change, sigmas[step - 1], sigmas[step])
        for step, change in enumerate(changes)
    ]
    return _stacked(bent, frames.shape[0])


def _stacked(values: "tuple[Array | None, ...] | list[Array | None]", count: int) -> Lines:
    lines = np.full((len(values), count), np.nan)
    for step, value in enumerate(values):
        if value is not None:
            lines[step] = value
    return lines


_RECORDED: Mapping[str, Callable[[Trajectory], Lines]] = {
    "error": _errors,
    "change": _changes,
    "curvature": _curvatures,
}
