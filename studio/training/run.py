"""Run what a run folder asks for, alone in it."""

from pathlib import Path

from studio.library.scratch import held
from studio.models.checkpoints import RUN_FILE, checkpoints
from studio.training.errors import TrainingError
from studio.training.loop import Loop
from studio.training.ranks import Ranks
from studio.training.run_file import read_run_file
from studio.training.run_folder.commands import gone
from studio.training.scribe import Listener, Scribe


def run(folder: Path, *, go_on: bool, listener: Listener, patience: float = 1.0) -> None:
    """Train as the run file in a folder says, until it is done or somebody asks to stop.

    go_on: begin at the newest checkpoint if there is one. listener: is told every line of the log.
    patience: the time between two tries to write to a full disk, in seconds.

    Raises:
        TrainingError: the run file is wrong, the folder is in use, or there is nothing to train on.
        ModelError: the pictures or the model to begin from are damaged.
        OSError: the folder cannot be written.
    """
    settings = read_run_file(folder / RUN_FILE)
    with Ranks(settings.loop.device) as ranks:
        if not ranks.first:
            Loop(settings, folder, ranks, None, go_on=go_on).run()
            return
        with held(folder) as free:
            if not free:
                raise TrainingError(f"Another trainer is at work in “{folder}”; stop that first.")
            _check_beginning(folder, go_on)
            scribe = Scribe(folder, listener, patience)
            try:
                _trained(Loop(settings, folder, ranks, scribe, go_on=go_on), folder)
            except BaseException as error:
                scribe.pulse.say(state="failed", message=str(error) or type(error).__name__)
                raise
            finally:
                scribe.pulse.close()


def _trained(loop: Loop, folder: Path) -> None:
    try:
        loop.run()
    except OSError as error:
        # Whatever was about to be written: that the folder has gone explains it.
        if not folder.is_dir():
            raise gone(folder) from error
        raise


def _check_beginning(folder: Path, go_on: bool) -> None:
    found = checkpoints(folder)
    if found and not go_on:
        raise TrainingError(
            f"“{folder}” holds a run that has come to {found[0].name}; add --resume to go on with "
            "it, or begin in a new folder."
        )
