"""The work of a likelihood: rows of pictures and repeats, measured in batches."""

import math
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.diffusion.likelihood import (
    Bins,
    Term,
    bits_per_dim,
    bound_levels,
    log_density,
    variational_bound,
)
from studio.diffusion.likelihood import draws as random
from studio.diffusion.likelihood.bits import NATS_PER_BIT, spread
from studio.engine.errands.errand import Tools
from studio.engine.errands.field import Field
from studio.engine.errands.going import Piece
from studio.engine.errands.material import Material, at_once, data_of, shown
from studio.engine.errands.report import Report
from studio.engine.errands.results import Measured, TermFound
from studio.engine.showing import is_guided
from studio.engine.sizes import state_shape
from studio.engine.solving import denoiser
from studio.library import Recipe

if TYPE_CHECKING:
    from torch import Tensor


_FLOW, _LEVEL = 300.0, 1.0  # what a picture and a level of the bound cost, in evaluations, about
_Seen = NDArray[np.uint8] | None


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What is to be measured, and how: `values` has all knobs, `bins` how bytes are spread."""

    recipe: Recipe
    pieces: Sequence[Material]
    values: Mapping[str, Any]
    bins: Bins
    bound: bool
    seed: int
    report: Path | None


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """A repeat of a picture: `place` is the number of the picture."""

    place: int
    repeat: int
    key: tuple[int, ...]


@dataclass(slots=True)
class _Found:
    """What is known of a picture so far."""

    nats: list[float] = field(default_factory=list)
    bits: list[float] = field(default_factory=list)
    terms: list[list[TermFound]] = field(default_factory=list)
    nfe: int = 0
    seconds: float = 0.0


class LikelihoodWork:
    """Measure rows in batches of whole pictures, in their order.

    Raises:
        LibraryError: the report cannot be written.
    """

    def __init__(self, task: Task, tools: Tools) -> None:
        self._task, self._tools, self._model = task, tools, tools.model
        self._recipe, self._all, self._asked = task.recipe, task.pieces, task.values
        self._low = min(sigma for sigma in task.recipe.sigmas if sigma > 0)
        self._high = task.recipe.sigmas[0]
        self._found: dict[int, _Found] = {}
        self._report = Report(task.report) if task.report is not None else None
        self._done = 0

    def pieces(self) -> Iterator[Piece]:
        """Yield what there is to say after each step of a solver."""
        repeats = self._asked["repeats"]
        rows = [
            _Row(place, repeat, (self._task.seed, repeat, _checksum(piece)))
            for place, piece in enumerate(self._all)
            for repeat in range(repeats)
        ]
        size = max(1, at_once(self._recipe, self._model) // repeats) * repeats
        for start in range(0, len(rows), size):
            batch = rows[start : start + size]
            for doing, share, preview in self._batch(batch):
                whole = (start + share * len(batch)) / len(rows)
                yield Piece(self._done, doing, whole, preview)
            for row in batch:
                if row.repeat == repeats - 1:
                    self._tell(row.place)
            yield Piece(self._done, "Measuring", (start + len(batch)) / len(rows))

    def _batch(self, rows: Sequence[_Row]) -> Iterator[tuple[str, float, _Seen]]:
        begun = time.perf_counter()
        recipe = self._recipe_of(rows)
        cost = self._asked["levels"] * _LEVEL if self._task.bound else 0.0
        flow = _FLOW / (_FLOW + cost)
        names = self._names(rows)
        for share, preview in self._flow(rows, recipe):
            yield f"Following the flow of {names}", share * flow, preview
        if self._task.bound:
            for share in self._bound(rows, recipe):
                yield f"Summing up the bound of {names}", flow + share * (1 - flow), None
        for row in rows:
            self._of(row).seconds += (time.perf_counter() - begun) / len(rows)

    def _flow(self, rows: Sequence[_Row], recipe: Recipe) -> Iterator[tuple[float, _Seen]]:
        x = self._spread(rows)
        field = Field(recipe, self._model, self._tools.stop.is_set, self._tools.beside)
        steps = log_density(
            field,
            x,
            self._low,
            self._high,
            probes=self._probes(rows, x),
            data_std=self._asked["data_std"],
            rtol=self._asked["rtol"],
            atol=self._asked["atol"],
        )
        for at in steps:
            yield float(at.share.mean()), shown(at.denoised, self._model)
        for i, row in enumerate(rows):
            found = self._of(row)
            log_p = float(at.log_p[i])
            if not math.isfinite(log_p):
                raise ArithmeticError(f"The density of “{self._all[row.place].name}” is no number.")
            found.nats.append(-log_p)
            found.bits.append(bits_per_dim(log_p, x[0].numel(), self._task.bins))
            found.nfe += int(at.calls[i])

    def _bound(self, rows: Sequence[_Row], recipe: Recipe) -> Iterator[float]:
        import torch

        pieces = [self._all[row.place] for row in rows]
        x = data_of(pieces, self._model)
        lowest = max(self._low, self._asked["lowest"])
        levels = bound_levels(self._asked["levels"], lowest, self._high)
        denoise = denoiser(recipe, self._model, self._tools.stop.is_set, self._tools.beside)

        def noise(level: int) -> "Tensor":
            keys = [(*row.key, level) for row in rows]
            return torch.from_numpy(random.normal(keys, x.shape[1:])).to(x)

        terms = variational_bound(
            denoise,
            x,
            levels,
            noise,
            data_std=self._asked["data_std"],
            decoder="density" if self._data else "pixels",
            variance=self._asked["variance"],
        )
        said: list[Term] = []
        for term in terms:
            said.append(term)
            yield term.index / len(levels)
        per = x[0].numel() * NATS_PER_BIT
        bits = torch.stack([term.nats for term in said]).double().cpu().numpy() / per
        for i, row in enumerate(rows):
            found = self._of(row)
            found.terms.append(
                [
                    TermFound(t.kind, t.sigma, float(b))
                    for t, b in zip(said, bits[:, i], strict=True)
                ]
            )
            found.nfe += len(levels)

    def _recipe_of(self, rows: Sequence[_Row]) -> Recipe:
        labels = tuple(self._recipe.labels[row.place] for row in rows)
        changes = {"seeds": tuple(range(len(rows))), "labels": labels}
        return self._recipe.model_copy(update=changes)

    @property
    def _data(self) -> bool:
        """Tell whether it is a density that is told: there are no bytes."""
        return self._model.info.pixels > 1 or self._all[0].data is not None

    def _spread(self, rows: Sequence[_Row]) -> "Tensor":
        pieces = [self._all[row.place] for row in rows]
        x = data_of(pieces, self._model)
        if self._task.bins == "none":
            return x
        keys = [row.key for row in rows]
        pixels = np.stack([piece.levels(x.shape[1]) for piece in pieces])
        return x.new_tensor(spread(pixels, random.uniform(keys, x.shape[1:]), self._task.bins))

    def _probes(self, rows: Sequence[_Row], x: "Tensor") -> "Tensor | None":
        kind = self._asked["divergence"]
        if kind == "exact":
            return None
        draw = random.rademacher if kind == "rademacher" else random.gaussian
        return x.new_tensor(draw([row.key for row in rows], x.shape[1:]))

    def _of(self, row: _Row) -> _Found:
        return self._found.setdefault(row.place, _Found())

    def _names(self, rows: Sequence[_Row]) -> str:
        names = list(dict.fromkeys(self._all[row.place].name for row in rows))
        return f"“{names[0]}”" + (f" and {len(names) - 1} more" if len(names) > 1 else "")

    def _tell(self, place: int) -> None:
        piece, found = self._all[place], self._found.pop(place)
        bounds = [sum(term.bits for term in terms) for terms in found.terms]
        bits, dims = float(np.mean(found.bits)), math.prod(self._shape)
        result = Measured(
            index=place,
            name=piece.name,
            bits=bits,
            error=_error(found.bits),
            nats=float(np.mean(found.nats)),
            dims=dims,
            repeats=tuple(found.bits),
            unit=self._unit,
            nfe=found.nfe,
            seconds=found.seconds,
            bound=float(np.mean(bounds)) if bounds else None,
            bound_error=_error(bounds),
            terms=_mean_terms(found.terms),
            truth=self._truth(place),
            remark=" ".join(filter(None, (piece.remark, self._caution))),
        )
        self._done += 1
        if self._report is not None:
            self._report.write(result)
        self._tools.found(result)

    @property
    def _shape(self) -> tuple[int, ...]:
        return state_shape(self._recipe, self._model.info)

    @property
    def _unit(self) -> str:
        if self._model.info.pixels > 1:
            return "bits per latent value"
        return "bits per value" if self._data else "bits/dim"

    @property
    def _caution(self) -> str:
        """Return what to know about the numbers, or nothing."""
        said = []
        if self._model.info.pixels > 1:
            said.append(
                "These are bits of latents, which cannot be compared with those of pictures."
            )
        if is_guided(self._recipe, self._model.info):
            said.append("Guidance is on: no data follow the density of a guided flow.")
        return " ".join(said)

    def _truth(self, place: int) -> float | None:
        """Return the bits that the closed form has, where a model of points knows its density."""
        piece, model = self._all[place], self._model
        exact: Any = getattr(model, "exact", None) or model
        if piece.data is None or not model.info.planar or not hasattr(exact, "log_density"):
            return None
        if self._recipe.guidance != 1 or self._recipe.guidance_curve:
            return None
        import torch

        point = torch.from_numpy(piece.data.reshape(1, 2))
        log_p = float(exact.log_density(point, self._low, self._recipe.labels[place])[0])
        return bits_per_dim(log_p, 2, "none")


def _checksum(piece: Material) -> int:
    array = piece.data if piece.pixels is None else piece.pixels
    return zlib.crc32(np.ascontiguousarray(array).tobytes())


def _error(values: Sequence[float]) -> float | None:
    """Return the standard error of a mean; None where there are not two values."""
    many = len(values)
    return float(np.std(values, ddof=1) / math.sqrt(many)) if many > 1 else None


def _mean_terms(repeats: Sequence[Sequence[TermFound]]) -> tuple[TermFound, ...]:
    return tuple(
        TermFound(same[0].kind, same[0].sigma, float(np.mean([term.bits for term in same])))
        for same in zip(*repeats, strict=True)
    )
