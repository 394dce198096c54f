"""Show that pictures are being read, and stop when asked to."""

from collections.abc import Callable
from pathlib import Path

from studio.training.run_folder.commands import receive
from studio.training.scribe import Scribe


class Stopped(Exception):  # noqa: N818 - what the person asked for
    """Raised where somebody asks to stop before the first step."""


class Reading:
    """Say how many pictures have been read, and look for a wish to stop.

    stopped: tells whether the person asks to end; so does the command "stop".
    """

    def __init__(self, folder: Path, scribe: Scribe | None, stopped: Callable[[], bool]) -> None:
        self._folder, self._scribe, self._stopped = folder, scribe, stopped

    def __call__(self, done: int, total: int) -> None:
        """Take in how many pictures of how many have been read.

        Raises:
            Stopped: the person asked to stop.
        """
        if self._stopped() or (self._scribe and "stop" in receive(self._folder)):
            raise Stopped
        if self._scribe:
            self._scribe.pulse.say(message=f"Reading the pictures: {done:,} of {total:,}.")
            self._scribe.tell("reading", done=done, total=total)
