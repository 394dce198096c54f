"""Tell a trainer what to do: a file dropped into `commands` is obeyed between two steps."""

import contextlib
import os
from pathlib import Path

from studio.training.errors import TrainingError
from studio.training.run_folder.layout import COMMANDS

KNOWN = ("stop", "pause", "resume", "save", "sample")
"""stop: save and end. pause and resume. save: a checkpoint now. sample: a sheet of samples now."""


def send(folder: Path, command: str) -> None:
    """Ask the trainer of a run folder to do something.

    Raises:
        ValueError: there is no such command.
        OSError: the folder cannot be written.
    """
    if command not in KNOWN:
        raise ValueError(f"there is no command “{command}”; known: {', '.join(KNOWN)}")
    (folder / COMMANDS).mkdir(parents=True, exist_ok=True)
    (folder / COMMANDS / command).touch()


def receive(folder: Path) -> set[str]:
    """Return the commands that have come in, and take them away.

    Raises:
        TrainingError: the run folder is gone.
    """
    try:
        with os.scandir(folder / COMMANDS) as entries:
            found = {entry.name for entry in entries if entry.name in KNOWN}
    except FileNotFoundError:
        if not folder.is_dir():
            raise gone(folder) from None
        with contextlib.suppress(OSError):
            (folder / COMMANDS).mkdir()
        return set()
    for name in found:
        (folder / COMMANDS / name).unlink(missing_ok=True)
    return found


def gone(folder: Path) -> TrainingError:
    """Return the error that a run folder is not there any more."""
    return TrainingError(
        f"The run folder “{folder}” was deleted or moved while the run was going on, so it has "
        "ended."
    )
