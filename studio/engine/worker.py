"""The object that lives in the worker thread and owns the device."""

import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from studio.engine.batches import Stopped
from studio.engine.beside import Beside
from studio.engine.device import (
    available_devices,
    empty_cache,
    give_way,
    set_threads,
    threads_for,
)
from studio.engine.errands.errand import ErrandEnding, ErrandJob, ErrandProgress, Tools
from studio.engine.fault import Fault, describe
from studio.engine.job import (
    CellsEnding,
    CellsProgress,
    CompareJob,
    Ending,
    Job,
    Outcome,
    Progress,
    SweepJob,
)
from studio.engine.mailbox import Mailbox
from studio.engine.telling import fault_of, preparation
from studio.library import LibraryError, ModelRef, Recipe
from studio.models import Running, inspect_model, load_model

if TYPE_CHECKING:
    from studio.engine.comparing import Comparing
    from studio.engine.errands.errand import ErrandWork
    from studio.engine.run import Run
    from studio.engine.sweeping import Sweeping
    from studio.models.model import Model

    Work = Run | Comparing | Sweeping | ErrandWork
    AnyJob = Job | CompareJob | SweepJob | ErrandJob
    AnyProgress = Progress | CellsProgress | ErrandProgress

_Wanted = tuple[str, str, str, Running]  # path, device, type and how networks run
_AS_IT_IS = Running()


class Worker(QObject):
    """Open models, run jobs, comparisons, sweeps and errands, one step per turn of the event loop.

    Between two steps the loop delivers whatever else was asked for; within a step the job's stop
    flag is looked at before every network call. Each job ends in exactly one `run_ended`,
    `cells_ended` or `errand_ended`.
    """

    warmed = Signal(object)  # ((id, name), ...) of the devices
    model_loaded = Signal(object)  # ModelInfo
    model_failed = Signal(str, object)  # path, Fault
    preparing = Signal(int, str)  # job, what has to be done before its first step
    run_started = Signal(object)  # LiveRun
    run_changed = Signal(object)  # LiveRun whose recipe has another segment
    refused = Signal(str)  # why a change could not take effect
    run_ended = Signal(object)  # Ending
    cell_done = Signal(object)  # Result
    cell_written = Signal(str, object)  # id, Entry
    cell_refused = Signal(object, str)  # place of a cell of a sweep, why it cannot be made
    cells_ended = Signal(object)  # CellsEnding
    found = Signal(int, object)  # job, what an errand found
    errand_ended = Signal(object)  # ErrandEnding
    speed_measured = Signal(str, int, float)  # model, pictures, seconds for one evaluation of one
    tokens_counted = Signal(str, object)  # a prompt, (tokens, room) or None
    told = Signal(str)  # what takes a while
    warned = Signal(str)  # what could not be done as it was wished
    mail_arrived = Signal()
    _turn_wanted = Signal(int)

    def __init__(self, mailbox: "Mailbox[AnyProgress]") -> None:
        super().__init__()
        self._mailbox = mailbox
        self._model: Model | None = None
        self._opened: _Wanted = ("", "", "", _AS_IT_IS)  # what the open model was asked for with
        self._intact: _Wanted | None = None  # the same of one that a failure left alone
        self._work: Work | None = None
        self._job: AnyJob | None = None
        self._threads: int | None = None
        self._other: tuple[ModelRef, Model] | None = None  # that a recipe goes on with
        self._beside = Beside()  # that lead the open one
        self._turn_wanted.connect(self._turn, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def warm_up(self, threads: int | None) -> None:
        """Load torch, which takes seconds, and make this thread a good neighbour."""
        try:
            import studio.engine.run  # noqa: F401 - so that the first job need not wait for it

            give_way()
            self._threads = threads
            set_threads(threads)
            self.warmed.emit(available_devices())
        except Exception as error:  # noqa: BLE001 - becomes a message
            self.model_failed.emit("", describe(error, "Loading torch"))

    @Slot(str, str, str, object)
    def open_model(
        self, path: str, device: str, dtype: str, how: tuple[Running, threading.Event]
    ) -> None:
        """Open the model at `path`; the one before is let go first, so that both need not fit.

        It stays where the header of the new one is unsound: asked for again, it is there at once.
        how: in which manner it runs, and what is set as soon as another one is wanted.
        """
        running, superseded = how
        if superseded.is_set():
            return
        self._end_current("stopped")
        wanted = path, device, dtype, running
        intact, self._intact = self._intact, None
        if self._model is not None and intact == wanted:
            self._opened = wanted
            self.model_loaded.emit(self._model.info)
            return
        try:
            if Path(path).exists():  # what is not there, loading says
                inspect_model(path)
        except Exception as error:  # noqa: BLE001 - becomes a message
            self._intact = self._opened if self._model is not None else None
            self.model_failed.emit(path, describe(error, "Reading the model"))
        else:
            self._load(wanted, superseded)

    def _load(self, wanted: _Wanted, superseded: threading.Event) -> None:
        path, device, dtype, running = wanted
        self._let_go()
        self._beside = Beside(device, dtype)
        try:
            heard = replace(running, tell=self.told.emit, warn=self.warned.emit)
            self._model = load_model(path, device, dtype, heard)
            set_threads(threads_for(self._model.info, self._threads))
        except Exception as error:  # noqa: BLE001 - becomes a message
            self.model_failed.emit(path, describe(error, "Opening the model"))
        else:
            self._opened = wanted
            if not superseded.is_set():
                self.model_loaded.emit(self._model.info)

    def _let_go(self) -> None:
        """Let go of the open models, and give their memory back."""
        model, self._model, self._other = self._model, None, None
        self._beside = Beside()
        if model is not None:
            model.let_go()
            device = model.device
            del model
            empty_cache(device)

    @Slot(object, object)
    def start(self, job: Job, stop: threading.Event) -> None:
        """Begin a run; what is still going on is cut short and keeps what it has."""
        from studio.engine.run import Run

        self._end_current("stopped")
        self.preparing.emit(job.id, preparation(job.recipe))
        try:
            run = Run(
                job,
                self._open_model(),
                stop,
                other_model=self._model_of,
                beside=self._beside,
                on_change=self.run_changed.emit,
                on_refusal=self.refused.emit,
            )
        except Exception as error:  # noqa: BLE001 - becomes a message
            fault = fault_of(error, job)
            self.run_ended.emit(Ending(job.id, "failed", job.recipe, None, None, 0, 0.0, fault))
        else:
            self.run_started.emit(run.live)
            self._begin(job, run)

    @Slot(object, object)
    def make_cells(self, job: CompareJob | SweepJob, stop: threading.Event) -> None:
        """Begin a comparison or a sweep; what is still going on is cut short and kept."""
        self._end_current("stopped")
        try:
            work = self._cells_of(job, stop)
        except Exception as error:  # noqa: BLE001 - becomes a message
            self.cells_ended.emit(CellsEnding(job.id, "failed", 0, 0, 0.0, fault_of(error, job)))
        else:
            self._begin(job, work)

    @Slot(object, object)
    def do_errand(self, job: ErrandJob, stop: threading.Event) -> None:
        """Begin an errand; what is still going on is cut short and kept."""
        self._end_current("stopped")
        try:
            model = self._open_model()
            tools = Tools(job.id, model, stop, self._beside, partial(self.found.emit, job.id))
            work = job.errand.begin(tools)
        except Exception as error:  # noqa: BLE001 - becomes a message
            fault = fault_of(error, job)
            self.errand_ended.emit(ErrandEnding(job.id, "failed", 0, 0, 0.0, fault))
        else:
            self._begin(job, work)

    def _cells_of(self, job: CompareJob | SweepJob, stop: threading.Event) -> "Work":
        from studio.engine.comparing import Comparing
        from studio.engine.sweeping import Sweeping

        model = self._open_model()
        if isinstance(job, CompareJob):
            return Comparing(job, model, stop, self.cell_done.emit, self._post, beside=self._beside)
        return Sweeping(
            job,
            model,
            stop,
            other_model=self._model_of,
            beside=self._beside,
            on_cell=self.cell_written.emit,
            on_problem=self.cell_refused.emit,
        )

    @Slot(int, object)
    def measure_speed(self, pictures: int, shape: tuple[int, int, int] | None) -> None:
        """Find out how fast the model is, unless something runs."""
        from studio.engine.speed import seconds_per_picture

        if self._model is not None and self._work is None:
            try:
                seconds = seconds_per_picture(self._model, pictures, shape)
            except Exception:  # noqa: BLE001 - a run will say what is wrong with the model
                return
            self.speed_measured.emit(self._model.info.path, pictures, seconds)

    @Slot(str)
    def count_tokens(self, prompt: str) -> None:
        """Find out how many tokens a prompt has for the open model."""
        if self._model is not None:
            try:
                found = self._model.tokens(prompt)
            except Exception:  # noqa: BLE001 - a run will say what is wrong with the prompt
                return
            self.tokens_counted.emit(prompt, found)

    @Slot(str)
    def preview_with(self, name: str) -> None:
        """Show the steps to come in another way, if the open model has it."""
        if self._model is not None and name in self._model.info.previews:
            self._model.codec.preview_with(name)

    @Slot(int, object)
    def change(self, job_id: int, wish: Recipe) -> None:
        """Let a run go on with other knobs from its next step."""
        from studio.engine.run import Run

        if self._job is not None and self._job.id == job_id and isinstance(self._work, Run):
            self._work.change(wish)

    @Slot()
    def end(self) -> None:
        """Cut what is going on short and leave the thread's event loop."""
        self._end_current("stopped")
        self.thread().quit()

    def _open_model(self) -> "Model":
        if self._model is None:
            raise ValueError("No model is open. Open one first.")
        return self._model

    def _model_of(self, wanted: ModelRef) -> "Model":
        """Return the open model if it is the one wanted, else open that one beside it."""
        here = self._open_model()
        if wanted.is_same(ModelRef(path=here.info.path, sha256=here.info.sha256)):
            return here
        if self._other is None or not wanted.is_same(self._other[0]):
            self._other = wanted, load_model(wanted.path, str(here.device))
        return self._other[1]

    def _begin(self, job: "AnyJob", work: "Work") -> None:
        self._job, self._work = job, work
        self._turn_wanted.emit(job.id)

    @Slot(int)
    def _turn(self, job_id: int) -> None:
        work = self._work
        if work is None or self._job is None or self._job.id != job_id:
            return
        try:
            more = work.advance()
        except Stopped:
            self._end_current("stopped")
        except LibraryError as error:  # no room to record more: what there is, is kept
            self._end_current("stopped", describe(error))
        except Exception as error:  # noqa: BLE001 - becomes a message
            self._fail(error)
        else:
            self._report(work)
            if more:
                self._turn_wanted.emit(job_id)
            else:
                self._end_current("finished")

    def _report(self, work: "Work") -> None:
        progress = work.progress()
        if progress is not None:
            self._post(progress)

    def _post(self, progress: "AnyProgress") -> None:
        if self._mailbox.put(progress):
            self.mail_arrived.emit()

    def _end_current(self, outcome: Outcome, fault: Fault | None = None) -> None:
        work = self._work
        if work is None:
            return
        try:
            ending = work.end(outcome, fault)
        except Exception as error:  # noqa: BLE001 - becomes a message
            self._fail(error)
            return
        self._report(work)  # the frames that were still on their way
        self._announce(ending)

    def _fail(self, error: Exception) -> None:
        job, work = self._job, self._work
        assert job is not None
        assert work is not None
        fault = fault_of(error, job)
        error.__traceback__ = None  # lets go of the tensors in its frames
        self._announce(work.end("failed", fault))

    def _announce(self, ending: Ending | CellsEnding | ErrandEnding) -> None:
        self._work = self._job = None
        signals = {Ending: self.run_ended, CellsEnding: self.cells_ended}
        signals.get(type(ending), self.errand_ended).emit(ending)
