"""Show that pictures are being read, and stop when asked to."""

import time
from collections.abc import Callable
from pathlib import Path

from studio.training.run_folder.commands import receive
from studio.training.scribe import Scribe

_INTERVAL_S = 0.5


class Stopped(Exception):  # noqa: N818 - what the person asked for
    """Raised where somebody asks to stop before the first step."""


class Reading:
    """Be told how many pictures have been read; twice a second, say so and look for a stop.

    stopped: tells whether the person asks to end; so does the command "stop".
    """

    def __init__(self, folder: Path, scribe: Scribe | None, stopped: Callable[[], bool]) -> None:
        self._folder, self._scribe, self._stopped = folder, scribe, stopped
        self._next = time.monotonic() + _INTERVAL_S

    def __call__(self, done: int, total: int) -> None:
        """Take in how many pictures of how many have been read.

        Raises:
            Stopped: the person asked to stop.
        """
        if self._stopped():
            raise Stopped
        if time.monotonic() < self._next or not self._scribe:
            return
        self._next = time.monotonic() + _INTERVAL_S
        if "stop" in receive(self._folder):
            raise Stopped
        self._scribe.pulse.say(message=f"Reading the pictures: {done:,} of {total:,}.")
        self._scribe.tell("reading", done=done, total=total)
