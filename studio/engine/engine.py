"""The window's side of the worker thread."""

import itertools
import threading
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread, Signal

from studio.engine.errands.errand import Errand, ErrandJob, ErrandProgress
from studio.engine.job import CellsProgress, CompareJob, Job, Progress, SweepJob
from studio.engine.mailbox import Mailbox
from studio.engine.worker import Worker
from studio.library import Recipe, Trajectory
from studio.library.comparison import Comparison
from studio.library.sweeps import Sweep
from studio.models import Running

_AS_IT_IS = Running()


class Engine(QObject):
    """Start, feed and stop the one thread that owns the device.

    All methods are called from the window's thread and return at once; the answers are signals.
    Events of a job that is no longer the newest still arrive and carry its id.
    """

    warmed = Signal(object)  # ((id, name), ...) of the devices
    model_loaded = Signal(object)  # ModelInfo
    model_failed = Signal(str, object)  # path, Fault
    preparing = Signal(int, str)  # job, what has to be done before its first step
    tokens_counted = Signal(str, object)  # a prompt, (tokens, room) or None
    run_started = Signal(object)  # LiveRun
    run_changed = Signal(object)  # LiveRun whose recipe has another segment
    refused = Signal(str)  # why a change could not take effect
    progressed = Signal(object)  # Progress, the newest only
    run_ended = Signal(object)  # Ending
    cell_done = Signal(object)  # Result
    cell_written = Signal(str, object)  # id, Entry
    cell_refused = Signal(object, str)  # place of a cell of a sweep, why it cannot be made
    speed_measured = Signal(str, int, float)  # model, pictures, seconds for one evaluation of one
    cells_progressed = Signal(object)  # CellsProgress, the newest only
    found = Signal(int, object)  # job, what an errand found
    errand_progressed = Signal(object)  # ErrandProgress, the newest only
    errand_ended = Signal(object)  # ErrandEnding
    cells_ended = Signal(object)  # CellsEnding
    _warm_up_wanted = Signal(object)
    told = Signal(str)  # what takes a while, such as compiling the network
    warned = Signal(str)  # what could not be done as it was wished
    _model_wanted = Signal(str, str, str, object)
    _job_wanted = Signal(object, object)
    _change_wanted = Signal(int, object)
    _cells_wanted = Signal(object, object)
    _errand_wanted = Signal(object, object)
    _speed_wanted = Signal(int, object)
    _tokens_wanted = Signal(str)
    _preview_wanted = Signal(str)
    _end_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.devices: tuple[tuple[str, str], ...] = ()  # (id, name), once torch is loaded
        self._ids = itertools.count(1)
        self._stop = threading.Event()
        self._mailbox: Mailbox[Progress | CellsProgress | ErrandProgress] = Mailbox()
        self._thread = QThread()
        self._thread.setObjectName("sampler")
        self._worker = Worker(self._mailbox)
        self._worker.moveToThread(self._thread)
        self._superseded = threading.Event()
        self._connect()

    def _connect(self) -> None:
        worker = self._worker
        self._warm_up_wanted.connect(worker.warm_up)
        self._model_wanted.connect(worker.open_model)
        self._job_wanted.connect(worker.start)
        self._change_wanted.connect(worker.change)
        self._cells_wanted.connect(worker.make_cells)
        self._errand_wanted.connect(worker.do_errand)
        self._speed_wanted.connect(worker.measure_speed)
        self._tokens_wanted.connect(worker.count_tokens)
        self._preview_wanted.connect(worker.preview_with)
        self._end_wanted.connect(worker.end)
        worker.warmed.connect(self._on_warmed)
        worker.model_loaded.connect(self.model_loaded)
        worker.model_failed.connect(self.model_failed)
        worker.preparing.connect(self.preparing)
        worker.tokens_counted.connect(self.tokens_counted)
        worker.run_started.connect(self.run_started)
        worker.run_changed.connect(self.run_changed)
        worker.refused.connect(self.refused)
        worker.run_ended.connect(self.run_ended)
        worker.cell_done.connect(self.cell_done)
        worker.cell_written.connect(self.cell_written)
        worker.cell_refused.connect(self.cell_refused)
        worker.cells_ended.connect(self.cells_ended)
        worker.found.connect(self.found)
        worker.errand_ended.connect(self.errand_ended)
        worker.speed_measured.connect(self.speed_measured)
        worker.told.connect(self.told)
        worker.warned.connect(self.warned)
        worker.mail_arrived.connect(self._on_mail_arrived)

    def _on_warmed(self, devices: tuple[tuple[str, str], ...]) -> None:
        self.devices = devices
        self.warmed.emit(devices)

    @property
    def running(self) -> bool:
        """Tell whether the thread has been started."""
        return self._thread.isRunning()

    def start(self, threads: int | None = None) -> None:
        """Start the thread and let it load torch."""
        self._thread.start()
        self._warm_up_wanted.emit(threads)

    def open_model(
        self, path: str, device: str = "auto", dtype: str = "auto", running: Running = _AS_IT_IS
    ) -> None:
        """Open a model in place of the present one; a running job is stopped.

        One that is still waiting or on its way is no longer wanted, and not announced.
        """
        self.stop()
        self._superseded.set()
        self._superseded = threading.Event()
        self._model_wanted.emit(path, device, dtype, (running, self._superseded))

    def submit(self, recipe: Recipe, past: Trajectory | None = None) -> int:
        """Sample `recipe` in place of a running job and return the id of the new one.

        With the steps that it has behind it already it goes on after them.
        """
        job = Job(next(self._ids), recipe, past)
        self._job_wanted.emit(job, self._new_stop())
        return job.id

    def change(self, job: int, wish: Recipe) -> None:
        """Let a running job go on with other knobs from its next step."""
        self._change_wanted.emit(job, wish)

    def compare(self, comparison: Comparison, root: Path, fits_root: Path, computed_by: str) -> int:
        """Make a comparison in place of a running job and return the id of the new one."""
        job = CompareJob(next(self._ids), comparison, root, fits_root, computed_by)
        self._cells_wanted.emit(job, self._new_stop())
        return job.id

    def sweep(self, sweep: Sweep, root: Path, computed_by: str) -> int:
        """Make the cells of a sweep in place of a running job and return the id of the new one."""
        job = SweepJob(next(self._ids), sweep, root, computed_by)
        self._cells_wanted.emit(job, self._new_stop())
        return job.id

    def errand(self, errand: Errand) -> int:
        """Do an errand in place of a running job and return its id."""
        job = ErrandJob(next(self._ids), errand)
        self._errand_wanted.emit(job, self._new_stop())
        return job.id

    def measure_speed(self, pictures: int, shape: tuple[int, int, int] | None = None) -> None:
        """Find out how fast the open model is with so many pictures, unless something runs.

        shape: (C, H, W) of what it works on, its own if None.
        """
        self._speed_wanted.emit(pictures, shape)

    def count_tokens(self, prompt: str) -> None:
        """Find out how many tokens a prompt has; `tokens_counted` tells."""
        self._tokens_wanted.emit(prompt)

    def preview_with(self, name: str) -> None:
        """Show the steps to come in another way, if the open model has it."""
        self._preview_wanted.emit(name)

    def _new_stop(self) -> threading.Event:
        self.stop()
        self._stop = threading.Event()
        return self._stop

    def stop(self) -> None:
        """Stop the running job before its next network call."""
        self._stop.set()

    def close(self, milliseconds: int = 2000) -> bool:
        """Stop everything and join the thread; return False if it did not end in time.

        The end of a running job is delivered before this returns.
        """
        self.stop()
        self._end_wanted.emit()
        joined = self._thread.wait(milliseconds) if self.running else True
        QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall)
        return joined

    def _on_mail_arrived(self) -> None:
        progress = self._mailbox.take()
        if isinstance(progress, CellsProgress):
            self.cells_progressed.emit(progress)
        elif isinstance(progress, ErrandProgress):
            self.errand_progressed.emit(progress)
        elif progress is not None:
            self.progressed.emit(progress)
