"""A comparison in progress: no Qt, no thread of its own; whoever holds it says when to go on."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.diffusion import KnobError
from studio.diffusion.randomness import draws_noise
from studio.engine.beside import Beside
from studio.engine.cells import (
    ends_of,
    needs_fit,
    outlook,
    recipe_of,
    reference_recipe,
    spent,
    steps_of,
)
from studio.engine.fault import SamplingError
from studio.engine.fitting import cost_of_fit, fit
from studio.engine.job import CellsEnding, CellsProgress, CompareJob, Job, Outcome
from studio.engine.run import Run
from studio.engine.wearing import wear
from studio.library.comparison import REFERENCES, Cell, ComparisonFolder, Result
from studio.library.fits import Fits
from studio.memory import is_out_of_memory

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from studio.engine.fault import Fault
    from studio.models import Model

_STOCHASTIC = "It draws noise, so that it follows no path whose end could be compared."


class Comparing:
    """Sample the reference, then every cell that is not there yet; one step per `advance()`.

    A finished cell is written before `on_result(result)` hears of it. A cell that cannot be
    sampled becomes a result with a remark, and the others go on.

    Raises:
        LibraryError: the folder of the comparison cannot be written.
    """

    def __init__(
        self,
        job: CompareJob,
        model: "Model",
        stop: threading.Event,
        on_result: Callable[[Result], None] = lambda _result: None,
        on_progress: Callable[[CellsProgress], None] = lambda _progress: None,
        *,
        beside: Beside | None = None,
    ) -> None:
        self._beside = beside
        self._job, self._model, self._stop = job, model, stop
        wear(job.comparison.base, model)  # also for the schedules that are fitted to it
        self._on_result, self._on_progress = on_result, on_progress
        self._comparison = comparison = job.comparison
        self._fits = Fits(job.fits_root, comparison.base.weights_key)
        self.folder = ComparisonFolder(job.root, comparison.key(job.computed_by))
        done = {result.cell.key for result in self.folder.results()}
        found = self.folder.reference()
        self._exact: NDArray[np.floating] | None = found[0] if found else None
        ahead = outlook(comparison, model.info, self._fits, done, begun=found is not None)
        self._todo = deque(cell for cell in comparison.cells() if cell.key not in done)
        self._total, self._count = ahead.calls + ahead.small_calls, ahead.cells
        self._calls = 0
        self._cell: Cell | None = None
        self._run: Run | None = None
        self._started = time.perf_counter()
        base = comparison.base.model_dump(mode="json")
        self.folder.write_facts({"base": base, "reference": comparison.reference})

    def advance(self) -> bool:
        """Take one step of the present cell, or begin the next; return False after the last.

        Raises:
            Stopped: a stop was asked for.
            LibraryError: a cell cannot be written.
        """
        try:
            if self._run is None:
                return self._begin()
            if not self._run.advance():
                self._keep(self._run)
        except (KnobError, SamplingError, RuntimeError) as error:
            if self._cell is None or is_out_of_memory(error):
                raise
            self._give_up(self._cell, str(error))
        return bool(self._run or self._todo or self._exact is None)

    def progress(self) -> CellsProgress:
        """Return how far the comparison is."""
        calls = self._calls + (self._run.nfe if self._run is not None else 0)
        elapsed = time.perf_counter() - self._started
        return CellsProgress(
            self._job.id,
            self._count - len(self._todo) - (self._cell is not None),
            self._count,
            self._doing(),
            calls,
            max(self._total, calls, 1),
            elapsed,
        )

    def end(self, outcome: Outcome, fault: "Fault | None" = None) -> CellsEnding:
        """Return how it ended; what is done is on the disk."""
        progress = self.progress()
        return CellsEnding(
            self._job.id, outcome, progress.done, progress.total, progress.elapsed, fault
        )

    def _doing(self) -> str:
        if self._cell is None:
            return f"Reference: {REFERENCES[self._comparison.reference].label}"
        return " · ".join(self._cell.row)

    def _begin(self) -> bool:
        model, comparison = self._model, self._comparison
        if self._exact is None:
            recipe = reference_recipe(comparison, model.info)
        elif not self._todo:
            return False
        else:
            self._cell = cell = self._todo.popleft()
            if needs_fit(cell, comparison, model.info, self._fits):
                self._fit(cell)
            recipe = recipe_of(cell, comparison, model.info, self._fits)
        job = Job(self._job.id, recipe)
        self._run = Run(job, model, self._stop, record=False, beside=self._beside)
        return True

    def _fit(self, cell: Cell) -> None:
        ends, begun = ends_of(self._comparison, self._model.info), self._calls
        solver, steps = cell.solver, steps_of(cell)

        def tell(calls: int, error: float) -> None:
            self._calls = begun + calls
            doing = f"Fitting {steps} levels to {cell.row[0]} · error {error:.3g}"
            self._on_progress(replace(self.progress(), doing=doing))

        stopped = self._stop.is_set
        found = fit(
            self._model,
            solver,
            steps,
            ends,
            stopped=stopped,
            tell=tell,
            base=self._comparison.base,
        )
        self._fits.add(found)
        self._calls = begun + cost_of_fit(spent(cell))

    def _keep(self, run: Run) -> None:
        ending = run.finish(each=True)
        x = run.state().cpu().numpy()
        self._calls += run.nfe
        pictures = ending.pictures
        assert pictures is not None
        if self._cell is None:
            self.folder.write_reference(x, pictures)
            self._exact = x
        else:
            result = self._result(self._cell, run, x)
            self.folder.write(result, pictures)
            self._on_result(result)
        self._run = self._cell = None

    def _result(self, cell: Cell, run: Run, x: "NDArray[np.floating]") -> Result:
        recipe = run.live.recipe
        error = None
        knobs: dict[str, Any] = dict(recipe.knobs)
        if not draws_noise(recipe.sampler, recipe.sigmas, **knobs):
            assert self._exact is not None
            error = float(np.sqrt(np.square(x - self._exact).mean()))
        return Result(
            cell=cell,
            sigmas=recipe.sigmas,
            nfe=run.nfe,
            seconds=run.seconds,
            error=error,
            remark="" if error is not None else _STOCHASTIC,
        )

    def _give_up(self, cell: Cell, why: str) -> None:
        self._calls += spent(cell)
        self._run = self._cell = None
        self._on_result(Result(cell=cell, remark=why, sampled=False))
