"""Say in the line at the bottom, and in the window's title, what the session is doing."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.engine.errands.errand import ErrandEnding, ErrandProgress
from studio.engine.job import CellsEnding, CellsProgress, Ending, Progress
from studio.session.pace import Pace
from studio.session.studio import Studio
from studio.ui.progress import StatusContent
from studio.ui.sample_tab import SampleTab
from studio.ui.status_text import duration, images, pace_line
from studio.ui.top_bar import training_words

TITLE = "Elucidate"
_COMPARED, _SWEPT = ("Comparing", "Compared"), ("Sweeping", "Swept")


class StatusReporter(QObject):
    """Follow models and runs; `line` is told in words and as a bar."""

    def __init__(
        self, studio: Studio, tab: SampleTab, line: StatusContent, window: QWidget
    ) -> None:
        super().__init__(window)
        self._studio, self._line, self._window = studio, line, window
        models, sampling = studio.models, studio.sampling
        models.opening.connect(lambda path: line.set_text(f"Opening {Path(path).name}…"))
        models.opened.connect(lambda info: line.set_text(f"{info.name} is ready"))
        models.failed.connect(lambda *_: line.set_text("The model could not be opened"))
        studio.engine.told.connect(line.set_text)
        sampling.running_changed.connect(self._on_running_changed)
        sampling.ended.connect(self._on_ended)
        tab.paced.connect(self._on_paced)
        studio.engine.errand_progressed.connect(self._on_task_progressed)
        studio.engine.errand_ended.connect(self._on_task_ended)
        studio.training.first_look.connect(self._on_first_look)
        for errand in (studio.exporting, studio.bundling):
            errand.progressed.connect(partial(self._on_errand, errand.unit))
            errand.over.connect(self._on_errand_over)
        for desk, words in ((studio.comparing, _COMPARED), (studio.sweeping, _SWEPT)):
            desk.running_changed.connect(partial(self._on_cells_running, words))
            desk.progressed.connect(self._on_cells_progressed)
            desk.ended.connect(partial(self._on_cells_ended, words))

    def _on_first_look(self, training: int) -> None:
        """Say what has gone on while the window was closed."""
        if training:
            self._line.set_note(training_words(training))

    def _on_errand(self, unit: str, doing: str, done: int, total: int) -> None:
        if not self._studio.sampling.running:
            self._line.set_text(doing)
            self._show(done / total, f"{done} / {total} {unit}")

    def _on_errand_over(self) -> None:
        if not self._studio.sampling.running:
            self._reset(False)
            self._line.set_text("")

    def _on_task_progressed(self, progress: ErrandProgress) -> None:
        left = progress.seconds_left
        self._line.set_text(progress.doing)
        self._show(progress.share, "" if left is None else f"{duration(left)} left")

    def _on_task_ended(self, ending: ErrandEnding) -> None:
        self._reset(False)
        words = {"finished": "Done in", "stopped": "Stopped after", "failed": "Failed after"}
        self._line.set_text(f"{words[ending.outcome]} {duration(ending.seconds)}")

    def _on_cells_running(self, words: tuple[str, str], running: bool) -> None:
        self._reset(running)
        if running:
            self._line.set_text(words[0])

    def _on_cells_progressed(self, progress: CellsProgress) -> None:
        cells = f"{progress.done} of {progress.total} cells"
        left = f"{duration(progress.seconds_left)} left" if progress.calls else ""
        said = filter(None, (progress.doing, cells, left))
        self._show(progress.share, " · ".join(said))

    def _on_cells_ended(self, words: tuple[str, str], ending: CellsEnding) -> None:
        said = {"finished": words[1], "stopped": "Stopped after", "failed": "Failed after"}
        cells = f"{ending.done} of {ending.total} cells"
        self._line.set_text(f"{said[ending.outcome]} {cells} in {duration(ending.seconds)}")

    def _on_running_changed(self, running: bool) -> None:
        self._reset(running)
        if running:
            recipe = self._studio.sampling.recipe
            doing = "Restoring" if recipe.restoration else "Sampling"
            self._line.set_text(f"{doing} {images(len(recipe.seeds))}")

    def _on_paced(self, progress: Progress, pace: Pace) -> None:
        self._show(progress.share, pace_line(progress, pace))

    def _reset(self, running: bool) -> None:
        self._line.set_progress(0.0 if running else None)
        self._line.set_note("")
        self._window.setWindowTitle(TITLE)

    def _show(self, share: float, note: str) -> None:
        self._line.set_progress(share)
        self._line.set_note(note)
        self._window.setWindowTitle(f"{round(100 * share)} % · {TITLE}")

    def _on_ended(self, ending: Ending) -> None:
        count = images(len(ending.recipe.seeds))
        words = {"finished": f"{count} in", "stopped": "Stopped after", "failed": "Failed after"}
        cost = f" · {ending.nfe} NFE" if ending.nfe else ""
        compiled = f" · {duration(ending.compiling)} of it compiling" if ending.compiling else ""
        time = duration(ending.seconds)
        left = ending.figures.get("residual")
        agrees = "" if left is None else f" · residual {left.mean():.2g}"
        done = "Restored " if left is not None else ""
        self._line.set_text(f"{done}{words[ending.outcome]} {time}{cost}{agrees}{compiled}")
