"""How a run stands: what its trainer says, and whether there is one to say it."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from studio.training.run_folder.status import Status

State = Literal[
    "new",
    "starting",
    "running",
    "paused",
    "waiting",
    "finished",
    "stopped",
    "failed",
    "lost",
    "gone",
]
SILENCE_S = 15.0
"""A trainer writes every second; one that is silent for longer is taken for lost."""
_LAST_BREATH_S = 3.0  # a process that is gone has not written since


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a run stands; `asked` is what it was told and has not yet done.

    A "new" run was never started, a "lost" one ended without saying so, a "gone" one has no folder
    any more.
    """

    folder: Path
    state: State
    status: Status | None = None
    asked: str = ""
    begun: bool = False  # there is a checkpoint to go on from

    @property
    def name(self) -> str:
        """Return the name of the run."""
        return self.folder.name

    @property
    def alive(self) -> bool:
        """Tell whether a trainer is at work."""
        return self.state in ("starting", "running", "paused", "waiting")

    @property
    def share(self) -> float:
        """Return how much of the run is done, from 0 to 1."""
        status = self.status
        return min(1.0, status.kimg / status.total_kimg) if status and status.total_kimg else 0.0


class Vigil:
    """Notice whose heart has stopped.

    A heart that was seen to beat is judged by this machine's clock from then on, since the clocks
    of two machines may differ; one that never was, by what it says.
    """

    def __init__(self) -> None:
        self._beats: dict[Path, tuple[float, float | None]] = {}

    def silence(self, folder: Path, status: Status) -> float:
        """Return for how many seconds a trainer has been silent."""
        now = time.monotonic()
        before, since = self._beats.get(folder, (status.updated, None))
        if status.updated != before:
            since = now
        self._beats[folder] = status.updated, since
        return now - since if since is not None else time.time() - status.updated


def judge(folder: Path, status: Status | None, silence: float, launched: float | None) -> State:
    """Return the state of a run.

    silence: seconds since the last sign of life; launched: when this window started a process that
    is still there, in seconds since 1970, None if it did not.
    """
    if not folder.is_dir():
        return "gone"
    if launched is not None and (status is None or status.updated < launched):
        return "starting"
    if status is None:
        return "new"
    if status.state not in ("starting", "running", "paused", "waiting"):
        return status.state
    dead = silence > _LAST_BREATH_S and _is_dead(status)
    return "lost" if dead or silence > SILENCE_S else status.state


def _is_dead(status: Status) -> bool:
    """Tell whether the process was on this machine and is no more."""
    if status.host != platform.node() or status.pid <= 0 or os.name == "nt":
        return False
    try:
        os.kill(status.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
