"""What a trainer is doing now, written every second so that its silence can be noticed."""

import contextlib
import json
import os
import platform
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from studio.atomic import write_atomically
from studio.training.run_folder.layout import STATUS

State = Literal["starting", "running", "paused", "waiting", "finished", "stopped", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Say how a run goes. `updated` is the heartbeat, in seconds since 1970; `eta` in seconds.

    "waiting" is a run that has found the disk full and goes on when there is room; `message` says
    so, and why a run has failed. A step is `processes` x `accumulation` x `micro_batch` pictures,
    `batch` in all; `half_life_kimg` is that of the moving average at this time. `memory` is in
    bytes: of the device, or of the process on the CPU.
    """

    state: State = "starting"
    message: str = ""
    kimg: float = 0.0
    total_kimg: float = 0.0
    images_per_second: float = 0.0
    eta: float | None = None
    loss: float | None = None
    held_out_loss: float | None = None
    gradient_norm: float | None = None
    half_life_kimg: float = 0.0
    learning_rate: float = 0.0
    batch: int = 0
    micro_batch: int = 0
    accumulation: int = 1
    processes: int = 1
    device: str = ""
    precision: str = ""
    memory: int = 0
    checkpoint: str = ""
    pid: int = 0
    host: str = ""
    updated: float = 0.0


class Pulse:
    """Keep `status.json` up to date from a thread of its own, also while a step takes long."""

    def __init__(self, folder: Path, interval: float = 1.0) -> None:
        self._path = folder / STATUS
        self._interval = interval
        self._status = Status(pid=os.getpid(), host=platform.node())
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)
        self._write()
        self._thread.start()

    @property
    def status(self) -> Status:
        """Return what was said last."""
        return self._status

    def say(self, **changes: Any) -> None:
        """Change what is said; a new state is written at once."""
        before = self._status.state
        self._status = replace(self._status, **changes)
        if self._status.state != before:
            self._write()

    def close(self) -> None:
        """Write a last time and stop the thread."""
        self._over.set()
        self._thread.join()
        self._write()

    def _beat(self) -> None:
        while not self._over.wait(self._interval):
            self._write()

    def _write(self) -> None:
        # A status that cannot be written must not end a run: it only informs.
        with self._lock, contextlib.suppress(OSError):
            said = asdict(replace(self._status, updated=time.time()))
            write_atomically(self._path, json.dumps(said, indent=1).encode())


def read_status(folder: Path) -> Status | None:
    """Return the status of a run, None where there is none that can be read."""
    try:
        said = json.loads((folder / STATUS).read_bytes())
        known = {name: said[name] for name in Status.__dataclass_fields__ if name in said}
        return Status(**known) if isinstance(said, Mapping) else None
    except (OSError, ValueError, TypeError):
        return None
