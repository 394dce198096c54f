"""Write what a run makes to its folder, and wait where the disk is full."""

import errno
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from studio.atomic import write_atomically
from studio.training.run_folder.commands import receive
from studio.training.run_folder.layout import SAMPLES
from studio.training.run_folder.stats import Stats
from studio.training.run_folder.status import Pulse

_FULL = (errno.ENOSPC, errno.EDQUOT)
_Made = TypeVar("_Made")

Listener = Callable[[dict[str, Any]], None]
"""Is told every line of the log as it is written."""


class GaveUp(Exception):  # noqa: N818 - what the person asked for
    """Raised where the disk is full and the person would rather stop than wait."""


class Scribe:
    """The hand that writes in a run folder; `patience` is the time between two tries, in seconds.

    Raises:
        OSError: the folder cannot be written.
    """

    def __init__(self, folder: Path, listener: Listener, patience: float = 1.0) -> None:
        (folder / SAMPLES).mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.pulse = Pulse(folder)
        self._stats = Stats(folder)
        self._listener, self._patience = listener, patience

    def log(self, event: str, **values: Any) -> None:
        """Add a line to the log."""
        self._listener(self._stats.add(event, **values))

    def tell(self, event: str, **values: Any) -> None:
        """Tell the listener something that passes and is not for the log."""
        self._listener({"event": event, **values})

    def end(self, state: str, text: str, **changes: Any) -> None:
        """Say that the run has ended, and how."""
        self.pulse.say(state=state, message=text, eta=None, **changes)
        self.log("log", text=text)

    def persist(self, write: Callable[[], _Made], stopped: Callable[[], bool]) -> _Made:
        """Return what `write` returns, waiting while the disk is full.

        `stopped` tells whether the person asks to end; so does the command "stop", which is looked
        for meanwhile.

        Raises:
            GaveUp: the person asked to stop while the disk was full.
            OSError: it failed for another reason.
        """
        before = self.pulse.status
        while True:
            try:
                made = write()
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                self._wait(stopped)
            else:
                if self.pulse.status.state == "waiting":
                    self.pulse.say(state=before.state, message="")
                    self.log("log", text="There is room on the disk again; the run goes on.")
                return made

    def _wait(self, stopped: Callable[[], bool]) -> None:
        if self.pulse.status.state != "waiting":
            text = (
                f"The disk of “{self.folder}” is full. The run waits, and goes on by itself when "
                "there is room."
            )
            self.pulse.say(state="waiting", message=text)
            self.log("log", text=text)
        if stopped() or "stop" in receive(self.folder):
            raise GaveUp
        time.sleep(self._patience)

    def picture(self, name: str, content: bytes) -> Path:
        """Write a sheet of samples and return its path.

        Raises:
            OSError: the disk is full or the folder cannot be written.
        """
        path = self.folder / SAMPLES / name
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, content)
        return path
