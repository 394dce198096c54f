"""The comparison that is being put together, made and looked at."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from PySide6.QtCore import QObject, Signal

from studio.diffusion import SAMPLERS, SCHEDULES, KnobError, Spec, Value
from studio.engine.cells import Outlook, outlook
from studio.engine.engine import Engine
from studio.engine.job import CellsEnding
from studio.library.comparison import (
    FITTED,
    REFERENCES,
    Comparison,
    ComparisonFolder,
    Pick,
    Result,
)
from studio.library.fits import Fits
from studio.session.cells_desk import CellsDesk


class Choice(BaseModel):
    """What the person chose to compare; remembered between runs.

    Raises:
        pydantic.ValidationError: a field has the wrong type (a ValueError).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    samplers: tuple[str, ...] = ("heun", "dpmpp_2m", "deis", "unipc", "exp_ab3")
    schedules: tuple[str, ...] = ("karras",)
    budgets: Annotated[tuple[int, ...], Field(min_length=1)] = (6, 8, 10, 14, 18, 24, 36)
    seeds: Annotated[tuple[int, ...], Field(min_length=1)] = tuple(range(16))
    reference: str = next(iter(REFERENCES))


class Comparing(CellsDesk[Choice]):
    """Hold what is chosen, the results that are there, and the comparison in progress.

    Class, guidance and the range of σ are those of the recipe; so are the knobs of its sampler and
    its schedule where these are compared.
    """

    results_changed = Signal()

    def __init__(self, engine: Engine, fits_root: Path, parent: QObject | None = None) -> None:
        super().__init__(engine, Choice(), parent)
        self._fits_root = fits_root
        self.comparison: Comparison | None = None
        self.folder: ComparisonFolder | None = None
        self.results: dict[str, Result] = {}
        self.outlook: Outlook | None = None
        self.problem = "No model is open."
        engine.cell_done.connect(self._on_cell_done)

    def start(self) -> None:
        """Make the cells that are not there yet."""
        if self.comparison is None or self.problem:
            return
        self._job = self._engine.compare(
            self.comparison, self._root, self._fits_root, self._computed_by
        )
        self._set_running(True)

    def _compose(self) -> None:
        """Make the comparison of what is chosen, and read what is there of it."""
        if self.running:
            self.changed.emit()
            return
        try:
            self.comparison, self.problem = self._composed(), ""
        except ValueError as error:
            self.comparison, self.problem = None, str(error)
        self.folder, self.results = None, {}
        if self.comparison is not None:
            key = self.comparison.key(self._computed_by)
            self.folder = ComparisonFolder(self._root, key)
            wanted = {cell.key for cell in self.comparison.cells()}
            found = {result.cell.key: result for result in self.folder.results()}
            self.results = {key: found[key] for key in wanted & found.keys()}
        self._look_ahead()
        self.results_changed.emit()

    def _composed(self) -> Comparison:
        choice, info = self.choice, self._info
        if info is None:
            raise KnobError("No model is open.")
        if not info.sha256:
            raise KnobError("The model's file is being hashed.")
        solvers = tuple(
            picked(id, SAMPLERS, self._recipe.sampler, self._recipe.knobs)
            for id in choice.samplers
            if id in SAMPLERS
        )
        schedules = tuple(
            picked(id, SCHEDULES, self._recipe.schedule, self._recipe.schedule_knobs)
            for id in choice.schedules
            if id in SCHEDULES or id == FITTED
        )
        if not solvers:
            raise KnobError("No solver is chosen.")
        if not schedules:
            raise KnobError("No schedule is chosen.")
        base = self._recipe.model_copy(
            update={
                "model": self._recipe.model.model_copy(update={"sha256": info.sha256}),
                "seeds": choice.seeds,
                "labels": (),
                "noise": "keyed",
            }
        )
        return Comparison(
            base=base,
            solvers=solvers,
            schedules=schedules,
            budgets=choice.budgets,
            reference=choice.reference,
        )

    def _look_ahead(self) -> None:
        self.outlook = None
        if self.comparison is not None and self.folder is not None and self._info is not None:
            begun = self.folder.reference() is not None
            fits = Fits(self._fits_root, self.comparison.base.weights_key)
            self.outlook = outlook(self.comparison, self._info, fits, self.results, begun=begun)
        self.changed.emit()

    def _on_cell_done(self, result: Result) -> None:
        self.results[result.cell.key] = result
        self.results_changed.emit()

    def _conclude(self, ending: CellsEnding) -> None:
        failed = {key: r for key, r in self.results.items() if not r.sampled}
        self._set_running(False)
        self._compose()
        self.results = failed | self.results
        self.results_changed.emit()


def picked(id: str, specs: Mapping[str, Spec], current: str, knobs: Mapping[str, Value]) -> Pick:
    """Return a choice with the recipe's knobs where the recipe has the same."""
    if id != current or id not in specs:
        return Pick(id=id)
    defaults = {knob.id: knob.default for knob in specs[id].knobs}
    return Pick(
        id=id,
        knobs={n: v for n, v in knobs.items() if n in defaults and v != defaults[n]},
    )
