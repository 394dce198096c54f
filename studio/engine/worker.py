"""The object that lives in the worker thread and owns the device."""

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from studio.engine.batches import Stopped
from studio.engine.device import available_devices, give_way, set_threads
from studio.engine.fault import Fault, describe
from studio.engine.job import Ending, Job, Progress
from studio.engine.mailbox import Mailbox
from studio.library import LibraryError
from studio.models import load_model

if TYPE_CHECKING:
    from studio.engine.run import Run
    from studio.models.model import Model


class Worker(QObject):
    """Open models and run jobs, one sampler step per turn of this thread's event loop.

    Between two steps the loop delivers whatever else was asked for; within a step the job's stop
    flag is looked at before every network call. Each job ends in exactly one `run_ended`.
    """

    warmed = Signal(object)  # ((id, name), ...) of the devices
    model_loaded = Signal(object)  # ModelInfo
    model_failed = Signal(str, object)  # path, Fault
    run_started = Signal(object)  # LiveRun
    run_ended = Signal(object)  # Ending
    mail_arrived = Signal()
    _turn_wanted = Signal(int)

    def __init__(self, mailbox: Mailbox[Progress]) -> None:
        super().__init__()
        self._mailbox = mailbox
        self._model: Model | None = None
        self._run: Run | None = None
        self._job: Job | None = None
        self._turn_wanted.connect(self._turn, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def warm_up(self, threads: int | None) -> None:
        """Load torch, which takes seconds, and make this thread a good neighbour."""
        try:
            import studio.engine.run  # noqa: F401 - so that the first job need not wait for it

            give_way()
            set_threads(threads)
            self.warmed.emit(available_devices())
        except Exception as error:  # noqa: BLE001 - becomes a message
            self.model_failed.emit("", describe(error, "Loading torch"))

    @Slot(str, str, str)
    def open_model(self, path: str, device: str, dtype: str) -> None:
        """Open the model at `path`; the one before is let go first, so that both need not fit."""
        self._end_current("stopped")
        self._model = None
        try:
            self._model = load_model(path, device, dtype)
        except Exception as error:  # noqa: BLE001 - becomes a message
            self.model_failed.emit(path, describe(error, "Opening the model"))
        else:
            self.model_loaded.emit(self._model.info)

    @Slot(object, object)
    def start(self, job: Job, stop: threading.Event) -> None:
        """Begin a job; one that is still running is cut short and keeps what it has."""
        self._end_current("stopped")
        self._job = job
        try:
            from studio.engine.run import Run

            if self._model is None:
                raise ValueError("No model is open. Open one first.")
            self._run = Run(job, self._model, stop)
        except Exception as error:  # noqa: BLE001 - becomes a message
            self._fail(error)
        else:
            self.run_started.emit(self._run.live)
            self._turn_wanted.emit(job.id)

    @Slot()
    def end(self) -> None:
        """Cut a running job short and leave the thread's event loop."""
        self._end_current("stopped")
        self.thread().quit()

    @Slot(int)
    def _turn(self, job_id: int) -> None:
        run = self._run
        if run is None or self._job is None or self._job.id != job_id:
            return
        try:
            more = run.advance()
        except Stopped:
            self._end_current("stopped")
        except LibraryError as error:  # no room to record more: what there is, is kept
            self._end_current("stopped", describe(error))
        except Exception as error:  # noqa: BLE001 - becomes a message
            self._fail(error)
        else:
            self._report(run)
            if more:
                self._turn_wanted.emit(job_id)
            else:
                self._end_current("finished")

    def _report(self, run: "Run") -> None:
        progress = run.progress()
        if progress is not None and self._mailbox.put(progress):
            self.mail_arrived.emit()

    def _end_current(self, outcome: str, fault: Fault | None = None) -> None:
        run = self._run
        if run is None:
            return
        try:
            ending = run.finish() if outcome == "finished" else run.cut_short()
        except Exception as error:  # noqa: BLE001 - becomes a message
            self._fail(error)
            return
        self._report(run)  # the frames that were still on their way
        self._run = self._job = None
        self.run_ended.emit(ending if fault is None else replace(ending, fault=fault))

    def _fail(self, error: Exception) -> None:
        job, run = self._job, self._run
        assert job is not None
        self._run = self._job = None
        count = len(job.recipe.seeds)
        fault = describe(error, f"Sampling {count} image{'s' if count > 1 else ''}")
        trajectory = run.live.trajectory if run is not None else None
        recipe = run.live.recipe if run is not None else job.recipe
        error.__traceback__ = None  # lets go of the tensors in its frames
        nfe, seconds = (run.nfe, run.seconds) if run is not None else (0, 0.0)
        ending = Ending(job.id, "failed", recipe, trajectory, None, nfe, seconds, fault)
        self.run_ended.emit(ending)
