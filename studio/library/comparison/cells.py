"""The values of a comparison: samplers x schedules x budgets, and the result of each cell."""

import hashlib
import json
import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError

from studio.diffusion import SAMPLERS
from studio.library.comparison.references import REFERENCES
from studio.library.errors import LibraryError
from studio.library.fields import Identifier, Knobs, Level, Text
from studio.library.names import sampler_label, schedule_label
from studio.library.recipe import Recipe
from studio.library.untrusted import complaint, read_json
from studio.library.way import YOUNGER_FIELDS, aids_of

MAX_JSON = 1_000_000
MOST_NFE = 10_000
FITTED = "fitted"
"""Stands for the schedule that was fitted to the model, the solver and the number of steps."""

Count = Annotated[int, Strict(), Field(ge=0, lt=2**53)]
Budget = Annotated[int, Strict(), Field(ge=1, le=MOST_NFE)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Pick(_Part):
    """A sampler or a schedule, and those of its knobs that are not at their defaults."""

    id: Identifier
    knobs: Knobs = Field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return a name that differs wherever the knobs do, fit for a file."""
        own = f"-{digest(json.dumps(self.knobs, sort_keys=True))}" if self.knobs else ""
        return f"{self.id}{own}"

    def named(self, name: str) -> str:
        """Return “DEIS”, or with a knob set “DEIS order 2”."""
        return " ".join([name, *(f"{id} {_short(value)}" for id, value in self.knobs.items())])


class Cell(_Part):
    """One run: a solver on a schedule, with at most `budget` evaluations.

    `budget` is None for an adaptive solver, which spends what its tolerances take.
    """

    solver: Pick
    schedule: Pick
    budget: Budget | None

    @property
    def key(self) -> str:
        """Return a name that no other cell has, fit for a file."""
        return f"{self.solver.key}-{self.schedule.key}-{self.budget or 'own'}"

    @property
    def row(self) -> tuple[str, str]:
        """Return the names of solver and schedule, which cells of one row share."""
        schedule = "Adaptive" if self.budget is None else schedule_name(self.schedule)
        return solver_name(self.solver), schedule


class Result(_Part):
    """What became of a cell.

    `sigmas` are the levels that it took, `nfe` the evaluations really spent on each picture,
    `seconds` the time of the whole batch. `error` is the root mean square distance of the end
    points from the reference, over all pictures, in units of the data; where there is none,
    `remark` says why. `sampled` tells that there are pictures.
    """

    cell: Cell
    sigmas: Annotated[tuple[Level, ...], Field(max_length=10_001)] = ()
    nfe: Count = 0
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    error: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    remark: Text = ""
    sampled: bool = True

    @classmethod
    def from_json(cls, text: str | bytes) -> "Result":
        """Read a result from a file.

        Raises:
            LibraryError: it is malformed.
        """
        try:
            return cls.model_validate(read_json(text, MAX_JSON))
        except ValidationError as error:
            raise LibraryError(f"The cell cannot be used: {complaint(error)}.") from None
        except ValueError as error:
            raise LibraryError(f"The cell cannot be read: {error}.") from None


class Comparison(_Part):
    """Everything that is asked of a comparison.

    `base` gives model, seeds, classes, guidance and the range of σ; its sampler, schedule and
    steps do not count. All cells start from the same noise.

    Raises:
        pydantic.ValidationError: a field has the wrong type or is out of bounds (a ValueError).
    """

    base: Recipe
    solvers: Annotated[tuple[Pick, ...], Field(min_length=1)]
    schedules: Annotated[tuple[Pick, ...], Field(min_length=1)]
    budgets: Annotated[tuple[Budget, ...], Field(min_length=1, max_length=64)]
    reference: Identifier = next(iter(REFERENCES))

    def cells(self) -> tuple[Cell, ...]:
        """Return the cells in the order of rows and budgets; an adaptive solver has one cell."""
        return tuple(cell for solver in self.solvers for cell in self._cells(solver))

    def _cells(self, solver: Pick) -> list[Cell]:
        if SAMPLERS[solver.id].adaptive:
            return [Cell(solver=solver, schedule=Pick(id="karras"), budget=None)]
        return [
            Cell(solver=solver, schedule=schedule, budget=budget)
            for schedule in self.schedules
            for budget in sorted(set(self.budgets))
        ]

    def key(self, computed_by: str) -> str:
        """Return a name for all that the cells have in common: they may be shared under it.

        computed_by: what else the pictures depend on, such as device and dtype.
        """
        base = self.base.model_dump(mode="json")
        kept: tuple[str, ...] = ("seeds", "classes", "sigma_min", "sigma_max", "noise")
        kept += ("guidance", "guidance_low", "guidance_high")
        kept += ("guidance_curve",) if self.base.guidance_curve else ()  # cells from before it stay
        kept += tuple(name for name in YOUNGER_FIELDS if name in base)
        common: dict[str, Any] = {name: base[name] for name in kept}
        common |= aids_of(self.base)
        common |= {"model": self.base.weights_key, "reference": self.reference}
        return digest(json.dumps([common, computed_by], sort_keys=True))


def parse_budgets(text: str) -> tuple[int, ...]:
    """Return the numbers of evaluations that a text names, in rising order.

    Raises:
        ValueError: a part is no whole number from 1 to 10,000, or there is none.
    """
    parts = [part for part in re.split(r"[\s,;]+", text) if part]
    wrong = next((p for p in parts if not (p.isdecimal() and 1 <= int(p[:6]) <= MOST_NFE)), None)
    if wrong is not None or not parts:
        said = "is empty" if wrong is None else f"has “{wrong[:20]}” in it"
        raise ValueError(
            f"The list of NFE {said}; give whole numbers from 1 to {MOST_NFE:,}, such as 6 8 10."
        )
    return tuple(sorted({int(part) for part in parts}))


def solver_name(pick: Pick) -> str:
    """Return the name by which people know a solver, with its knobs."""
    return pick.named(sampler_label(pick.id))


def schedule_name(pick: Pick) -> str:
    """Return the name by which people know a schedule, “Fitted” for one of the model's own."""
    return "Fitted" if pick.id == FITTED else pick.named(schedule_label(pick.id))


def digest(text: str) -> str:
    """Return twelve hexadecimal digits that tell texts apart."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)[:24]
