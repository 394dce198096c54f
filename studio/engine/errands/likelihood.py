"""Measure how likely a model thinks pictures to be, in bits per dimension."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from studio.diffusion import KnobError, Value
from studio.diffusion.likelihood import BOUND_KNOBS, EXACT_LIMIT, LIKELIHOOD_KNOBS, Bins
from studio.engine.errands.errand import Tools
from studio.engine.errands.going import Going
from studio.engine.errands.likelihood_work import LikelihoodWork, Task
from studio.engine.errands.material import Material, data_of, material, recipe_for
from studio.library import Recipe

if TYPE_CHECKING:
    from studio.models.model import Model

_COARSE = 1e-2  # tolerances that the rounding of half precision leaves room for


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """Ask for -log₂ p per dimension of pictures, each told as `Measured` as soon as it is ready.

    `pictures`: (H, W, 3) or (H, W) uint8, or (C, H, W) floats, which are data as they stand, such
    as points. `base` says the model, the class and what guides it, and the ends of the noise
    levels; `labels` the class of each picture instead. `knobs` are those of `LIKELIHOOD_KNOBS`, and
    with a `bound` those of `BOUND_KNOBS`. All that is random is keyed by `seed`, the number of the
    repeat and the picture itself. Results are also written to `report`, a CSV, as they come.
    """

    base: Recipe
    pictures: tuple[NDArray[Any], ...]
    names: tuple[str, ...] = ()
    knobs: Mapping[str, Value] = field(default_factory=dict)
    labels: tuple[int, ...] = ()
    bound: bool = False
    seed: int = 0
    report: Path | None = None
    title: str = "Measuring the likelihood"

    def begin(self, tools: Tools) -> Going:
        """Return the work.

        Raises:
            KnobError: a knob is unknown or out of bounds, or the model is too coarse or too large
                for it.
            ValueError: a picture cannot be measured by this model.
            LibraryError: the report cannot be written.
        """
        values = _values(self.knobs)
        recipe = recipe_for(self.base, tools, max(1, len(self.pictures)), self.labels)
        pieces = material(recipe, tools.model, self.pictures, self.names)
        bins = _bins(values, pieces, tools.model)
        _check(values, tools.model, data_of(pieces[:1], tools.model)[0].numel())
        task = Task(recipe, pieces, values, bins, self.bound, self.seed, self.report)
        return Going(tools, len(pieces), LikelihoodWork(task, tools).pieces())


def _values(given: Mapping[str, Value]) -> dict[str, Any]:
    knobs = {knob.id: knob for knob in (*LIKELIHOOD_KNOBS, *BOUND_KNOBS)}
    for name in given:
        if name not in knobs:
            raise KnobError(f"A likelihood has no knob {name!r}; its knobs: {', '.join(knobs)}.")
    return {name: knob.check(given.get(name, knob.default)) for name, knob in knobs.items()}


def _bins(asked: Mapping[str, Any], pieces: Sequence[Material], model: "Model") -> Bins:
    """Return how bytes are spread; data that are no bytes have nothing to spread."""
    if model.info.pixels > 1 or any(piece.data is not None for piece in pieces):
        return "none"
    found: Bins = asked["bins"]
    return found


def _check(asked: Mapping[str, Any], model: "Model", dims: int) -> None:
    if asked["divergence"] == "exact" and dims > EXACT_LIMIT:
        raise KnobError(
            f"The exact trace takes an evaluation for every value, and these have {dims:,}; at "
            f"most {EXACT_LIMIT} are taken. Choose Hutchinson, with repeats for an error bar."
        )
    finest = min(asked["rtol"], asked["atol"])
    if model.dtype.itemsize < 4 and finest < _COARSE:
        kind = str(model.dtype).removeprefix("torch.")
        raise KnobError(
            f"“{model.info.name}” computes in {kind}, which is too coarse for a tolerance of "
            f"{finest:g}. Open it in float32, or raise rtol and atol to {_COARSE:g}."
        )
