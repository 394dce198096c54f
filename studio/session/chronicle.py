"""Tell the journal what the session does: models, jobs and their time, takes, faults."""

import logging

from PySide6.QtCore import QObject

from studio.diffusion import SCHEDULES, SOLVERS
from studio.engine.fault import Fault
from studio.engine.job import CellsEnding, Ending, LiveRun
from studio.library import Recipe, Take
from studio.models import ModelInfo
from studio.session.comparing import Comparing
from studio.session.modeldesk import ModelDesk
from studio.session.sampling import Sampling
from studio.session.shelf import Shelf

log = logging.getLogger("studio.session")


class Chronicle(QObject):
    """Write a line for everything that begins or ends."""

    def __init__(
        self, models: ModelDesk, sampling: Sampling, comparing: Comparing, shelf: Shelf
    ) -> None:
        super().__init__(sampling)
        self.last_fault: Fault | None = None
        models.opening.connect(lambda path: log.info("Opening %s", path))
        models.opened.connect(_model_opened)
        sampling.started.connect(_started)
        sampling.ended.connect(_ended)
        comparing.ended.connect(_compared)
        shelf.take_added.connect(_kept)

    def on_failed(self, fault: Fault) -> None:
        """Write what went wrong, with its technical story."""
        self.last_fault = fault
        details = fault.details.strip()
        log.error("%s", f"{fault}\n{details}" if details else fault)

    def on_noted(self, text: str) -> None:
        """Write what the person was told."""
        log.info("%s", text)


def summary(recipe: Recipe) -> str:
    """Return “16 images with Heun, Karras, 18 steps”."""
    count = len(recipe.seeds)
    labels = [
        table[id].label if id in table else id
        for table, id in ((SOLVERS, recipe.sampler), (SCHEDULES, recipe.schedule))
    ]
    images = "1 image" if count == 1 else f"{count:,} images"
    return f"{images} with {labels[0]}, {labels[1]}, {recipe.steps} steps"


def _model_opened(info: ModelInfo) -> None:
    log.info("Opened “%s” (%s)", info.name, info.format)


def _started(live: LiveRun) -> None:
    log.info("Job %d: sampling %s", live.job, summary(live.recipe))


def _ended(ending: Ending) -> None:
    said = f"Job {ending.job} {ending.outcome} after {ending.seconds:.2f} s, {ending.nfe} NFE"
    log.log(logging.ERROR if ending.outcome == "failed" else logging.INFO, "%s", said)


def _compared(ending: CellsEnding) -> None:
    cells = f"{ending.done} of {ending.total} cells"
    log.info("Comparison %s after %.2f s, %s", ending.outcome, ending.seconds, cells)


def _kept(take: Take, _trajectory: object) -> None:
    log.info("Kept the take %s in %s", take.id, take.folder)
