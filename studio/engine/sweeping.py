"""A sweep in progress: no Qt, no thread of its own; whoever holds it says when to go on."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studio.engine.beside import Beside
from studio.engine.fault import SamplingError
from studio.engine.fill import filled_in
from studio.engine.forecast import REFERENCE, Part, cost_of, parts_of
from studio.engine.job import CellsEnding, CellsProgress, Job, Outcome, SweepJob
from studio.engine.measuring import (
    FrechetScale,
    exact_recipe,
    local_errors,
    measures_of,
    squares_apart,
)
from studio.engine.run import Run
from studio.library import (
    ModelRef,
    Recipe,
    Take,
    Trajectory,
    TrajectoryError,
    read_take,
    write_take,
)
from studio.library.comparison import REFERENCES
from studio.library.comparison.cells import digest
from studio.library.inputs import files_of
from studio.library.sweeps import Entry, Piece, Record, SweepCell, SweepFolder, all_pictures
from studio.memory import is_out_of_memory
from studio.preferences import inputs_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from studio.engine.fault import Fault
    from studio.models import Model


@dataclass(frozen=True, slots=True)
class _Task:
    """A run under way, what to do with it in the end, and what it is called."""

    run: Run
    finish: Callable[[Run], None]
    doing: str


class Sweeping:
    """Sample every cell that is not there yet, each written as a take before the next begins.

    One step is taken per `advance()`. A cell of more pictures than a piece holds is sampled in
    pieces, which are the same however many processes share them. `on_cell(id, entry)` hears of
    each cell that was written or measured, `on_problem(place, why)` of each that cannot be made;
    the others go on. What another process is making right now is left to it.

    Raises:
        LibraryError: the folder of the sweep cannot be written.
    """

    def __init__(
        self,
        job: SweepJob,
        model: "Model",
        stop: threading.Event,
        *,
        other_model: "Callable[[ModelRef], Model] | None" = None,
        beside: Beside | None = None,
        on_cell: Callable[[str, Entry], None] = lambda _id, _entry: None,
        on_problem: Callable[[tuple[int, ...], str], None] = lambda _place, _why: None,
    ) -> None:
        self._job, self._sweep, self._model, self._stop = job, job.sweep, model, stop
        self._other_model = other_model or (lambda _ref: model)
        self._beside = beside
        self._on_cell, self._on_problem = on_cell, on_problem
        self.folder = SweepFolder(job.root, job.sweep.key(job.computed_by))
        self.folder.prepare(job.sweep)
        self._frechet = FrechetScale(job.sweep.against if "frechet" in job.sweep.metrics else "")
        self._task: _Task | None = None
        self._claim = ExitStack()
        self._calls = self._done = 0
        self._started = time.perf_counter()
        self._todo, self._unmeasured = self._shared_out()
        self._count = len(self._todo)
        self._costs = {part.cell.id: self._cost(part.cell) for part in self._todo}
        self._total = sum(self._costs[part.cell.id] for part in self._todo)

    def _shared_out(self) -> tuple[deque[Part], deque[tuple[SweepCell, Entry]]]:
        """Return the parts that this process makes, and the cells that it has yet to measure."""
        cells = self._sweep.cells(self._job.computed_by)
        for cell in cells:
            if cell.problem:
                self._on_problem(cell.place, cell.problem)
        by_id = {cell.id: cell for cell in reversed(cells) if cell.recipe is not None}
        parts = [p for cell in by_id.values() for p in parts_of(cell, self._sweep.batch)][::-1]
        mine = [part for i, part in enumerate(parts) if i % self._job.world == self._job.rank]
        mine.sort(key=lambda part: part.cell.recipe.model.path if part.cell.recipe else "")
        entries = self.folder.entries()
        todo = (part for part in mine if part.cell.id not in entries)
        made = {part.cell.id: part.cell for part in mine if part.cell.id in entries}
        found = ((cell, entries[id]) for id, cell in made.items())
        return deque(todo), deque(pair for pair in found if pair[1].record.lacks(self._sweep))

    def _cost(self, cell: SweepCell) -> int:
        assert cell.recipe is not None
        try:
            return cost_of(cell.recipe, self._model.info)
        except ValueError:
            return 0

    def advance(self) -> bool:
        """Take one step of the present cell, or begin the next; return False after the last.

        Raises:
            Stopped: a stop was asked for.
            LibraryError: a cell cannot be written.
            ModelError: the set of pictures to measure against cannot be read.
        """
        if not self._frechet.ready:
            self._frechet.prepare()
            return True
        try:
            if self._task is None:
                self._begin()
            elif not self._task.run.advance():
                task, self._task = self._task, None
                self._calls += task.run.nfe
                task.finish(task.run)
        except (ValueError, SamplingError, RuntimeError) as error:
            if is_out_of_memory(error) or not self._todo:
                raise
            self._give_up(str(error))
        return bool(self._task or self._todo or self._unmeasured)

    def progress(self) -> CellsProgress:
        """Return how far the sweep is."""
        calls = self._calls + (self._task.run.nfe if self._task else 0)
        elapsed = time.perf_counter() - self._started
        idle = "Measuring" if self._frechet.ready else "Reading the set of pictures"
        doing = self._task.doing if self._task else idle
        total = max(self._total, calls, 1)
        return CellsProgress(self._job.id, self._done, self._count, doing, calls, total, elapsed)

    def end(self, outcome: Outcome, fault: "Fault | None" = None) -> CellsEnding:
        """Return how it ended; what is done is on the disk."""
        self._claim.close()
        now = self.progress()
        return CellsEnding(self._job.id, outcome, now.done, now.total, now.elapsed, fault)

    def _begin(self) -> None:
        if not self._todo:
            if self._unmeasured:
                self._measure(*self._unmeasured[0])
            return
        part = self._todo[0]
        cell, name = part.cell, f"{part.cell.id}-{part.index}"
        ours = self._claim.enter_context(self.folder.claim(name))
        if not ours or self.folder.has_take(cell.id):
            self._leave(part)
        elif part.count > 1 and self.folder.piece(cell.id, part.index) is not None:
            self._join(part)
            self._leave(part)
        else:
            self._sample(part)

    def _leave(self, part: Part) -> None:
        """Be done with a part, whoever made it."""
        self._claim.close()
        self._done += 1
        self._todo.remove(part)

    def _give_up(self, why: str) -> None:
        part = self._todo[0]
        self._calls += self._costs[part.cell.id]
        self._task = None
        self._on_problem(part.cell.place, why)
        self._leave(part)

    def _sample(self, part: Part) -> None:
        recipe = part.cell.recipe
        assert recipe is not None
        model = self._model_of(recipe.model)
        whole = filled_in(recipe, model)
        piece = _piece_of(whole, part, self._sweep.batch)
        key = self._exact_key(piece, model) if "error" in self._sweep.metrics else ""
        if key is None:
            return
        run = Run(Job(self._job.id, piece), model, self._stop, beside=self._beside)
        doing = self._sweep.point(part.cell.place)
        self._task = _Task(run, lambda run: self._keep(run, part, whole, key), doing)

    def _exact_key(self, recipe: Recipe, model: "Model") -> str | None:
        """Return under which key exact end points are, empty where there can be none.

        None where they are still to be sampled: that has begun then.
        """
        exact = exact_recipe(recipe, model.info)
        if exact is None:
            return ""
        key = digest(json.dumps(exact.model_dump(mode="json"), sort_keys=True))
        if self.folder.reference(key) is not None:
            return key
        self._begin_reference(exact, model, key)
        return None

    def _begin_reference(self, exact: Recipe, model: "Model", key: str) -> None:
        job = Job(self._job.id, exact)
        run = Run(job, model, self._stop, record=False, beside=self._beside)

        def finish(run: Run) -> None:
            run.finish()
            self.folder.write_reference(key, run.state().cpu().numpy())
            self._claim.close()  # the part is still to come, and claims itself again

        self._total += REFERENCES[REFERENCE].steps
        self._task = _Task(run, finish, "Reference")

    def _model_of(self, wanted: ModelRef) -> "Model":
        info = self._model.info
        here = wanted.is_same(ModelRef(path=info.path, sha256=info.sha256))
        return self._model if here or wanted.path == info.path else self._other_model(wanted)

    def _keep(self, run: Run, part: Part, whole: Recipe, key: str) -> None:
        ending = run.finish()
        assert ending.pictures is not None
        assert ending.trajectory is not None
        exact = self.folder.reference(key) if key else None
        squares = None if exact is None else squares_apart(run.state().cpu().numpy(), exact)
        local = local_errors(ending.trajectory)
        piece = Piece(ending.pictures, ending.nfe, ending.seconds, squares, local, **ending.figures)
        if part.count == 1:
            steps = ending.trajectory if self._sweep.keep_steps else None
            self._write(part.cell, ending.recipe, piece, steps)
        else:
            self.folder.write_piece(part.cell.id, part.index, piece)
            self._join(part, whole)
        ending.trajectory.close()
        self._leave(part)

    def _join(self, part: Part, whole: Recipe | None = None) -> None:
        """Make a take of the pieces of a cell, if all of them are there by now."""
        cell, found = part.cell, []
        for index in range(part.count):
            piece = self.folder.piece(cell.id, index)
            if piece is None:
                return
            found.append(piece)
        assert cell.recipe is not None
        with self.folder.claim(cell.id) as ours:
            if ours and not self.folder.has_take(cell.id):
                filled = whole or filled_in(cell.recipe, self._model_of(cell.recipe.model))
                self._write(cell, filled, Piece.joined(found), None)
                self.folder.drop_pieces(cell.id)

    def _write(
        self, cell: SweepCell, recipe: Recipe, piece: Piece, trajectory: Trajectory | None
    ) -> None:
        record = Record(
            id=cell.id,
            nfe=piece.nfe,
            seconds=piece.seconds,
            pictures=len(piece.pictures),
            measures=measures_of(piece),
        )
        record = self._completed(record, piece.pictures)
        self.folder.write_record(record)
        take = write_take(
            self.folder.path,
            recipe,
            piece.pictures,
            trajectory,
            status="finished",
            nfe=piece.nfe,
            seconds=piece.seconds,
            id=cell.id,
            inputs=files_of(inputs_folder(), recipe),
        )
        self._on_cell(cell.id, Entry(take.folder, record))

    def _completed(self, record: Record, pictures: "NDArray[np.uint8] | None") -> Record:
        """Return a record with the distance of the pictures, and with what cannot be measured."""
        measures, against = dict(record.measures), record.against
        if pictures is not None:
            distance, against = self._frechet(pictures), self._sweep.against
            measures.pop("frechet", None)
            measures |= {} if distance is None else {"frechet": distance}
        without = tuple(metric for metric in self._sweep.metrics if metric not in measures)
        return record.model_copy(
            update={"measures": measures, "against": against, "without": without}
        )

    def _measure(self, cell: SweepCell, entry: Entry) -> None:
        """Measure a cell that was made before that was asked for, by what was kept of it.

        Raises:
            LibraryError: the take is damaged.
        """
        record, pictures = entry.record, None
        lacking = record.lacks(self._sweep)
        if "error" in lacking:
            error = self._late_error(read_take(entry.folder))
            if self._task is not None:
                return  # exact end points come first
            if error is not None:
                measures = {**record.measures, "error": error}
                record = record.model_copy(update={"measures": measures})
        if "frechet" in lacking:
            pictures = all_pictures(entry.folder)
            record = record.model_copy(update={"pictures": len(pictures)})
        record = self._completed(record, pictures)
        self._unmeasured.popleft()
        self.folder.write_record(record)
        self._on_cell(cell.id, Entry(entry.folder, record))

    def _late_error(self, take: Take) -> float | None:
        """Return the error of a take whose steps were kept; None of others, or as yet."""
        try:
            steps = take.trajectory()
        except TrajectoryError:
            return None
        if steps is None:
            return None
        try:
            key = self._exact_key(take.recipe, self._model_of(take.recipe.model))
            exact = self.folder.reference(key) if key else None
            if exact is None:
                return None
            return float(np.sqrt(squares_apart(steps.state(-1), exact).mean()))
        finally:
            steps.close()


def _piece_of(whole: Recipe, part: Part, batch: int) -> Recipe:
    """Return the recipe of those pictures of a filled-in recipe that a part makes."""
    if part.count == 1:
        return whole
    rows = slice(part.index * batch, (part.index + 1) * batch)
    return whole.model_copy(update={"seeds": whole.seeds[rows], "labels": whole.labels[rows]})
