"""Start trainers as processes of their own, which go on when the window is gone."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from studio.atomic import reason
from studio.engine.device import cores

LOG = "trainer.log"
COMMAND = (sys.executable, "-m", "studio", "train")
NICENESS = 10  # more than the sampler's, so that sampling goes before training
_TAIL = 4000
_WINDOWS_FLAGS = ("DETACHED_PROCESS", "CREATE_NEW_PROCESS_GROUP", "BELOW_NORMAL_PRIORITY_CLASS")


@dataclass(frozen=True, slots=True)
class Exit:
    """A process that has ended: `words` are the last that it said."""

    folder: Path
    kind: str
    code: int
    words: str


class Launcher:
    """Start `elucidate train` in run folders and notice when it ends.

    What a process says goes to `trainer.log` in its folder. One thread at a time may use it.
    command: what comes before the folder, for tests.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = tuple(command)
        self._processes: dict[tuple[Path, str], subprocess.Popen[bytes]] = {}

    def train(self, folder: Path) -> None:
        """Train in a run folder, from its newest checkpoint on if it has one.

        Raises:
            OSError: the folder cannot be written, or no process can be started.
        """
        self._start(folder, "train", "--resume")

    def look(self, folder: Path) -> None:
        """Have the pictures of a run looked at: what the network will see is written there.

        Raises:
            OSError: the folder cannot be written, or no process can be started.
        """
        self._start(folder, "look", "--look")

    def export(self, folder: Path, file: Path) -> None:
        """Write the newest model of a run to a file that can be handed on.

        Raises:
            OSError: the folder cannot be written, or no process can be started.
        """
        self._start(folder, "export", "--export", str(file))

    def busy(self, folder: Path, kind: str) -> bool:
        """Tell whether a process of a kind was started and has not ended: train, look, export."""
        return (folder, kind) in self._processes

    def ended(self) -> list[Exit]:
        """Return the processes that have ended since it was last asked."""
        exits = []
        for (folder, kind), process in list(self._processes.items()):
            if (code := process.poll()) is not None:
                del self._processes[folder, kind]
                exits.append(Exit(folder, kind, code, last_words(folder)))
        return exits

    def let_go(self) -> None:
        """Leave the processes to themselves."""
        for process in self._processes.values():
            process.returncode = 0  # else Python would warn of a child that nobody waits for
        self._processes.clear()

    def _start(self, folder: Path, kind: str, *options: str) -> None:
        if self.busy(folder, kind):
            return
        with _log_of(folder) as log:
            process = subprocess.Popen(
                [*self._command, str(folder), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment(os.environ),
                **_apart(),
            )
        _let_others_first(process.pid)
        self._processes[folder, kind] = process


def _let_others_first(pid: int) -> None:
    if sys.platform == "win32":  # its flags say so already
        return
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
    # Linux weighs whole sessions against each other, and niceness only within one.
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(NICENESS))


def _log_of(folder: Path) -> BinaryIO:
    try:
        return (folder / LOG).open("ab")
    except OSError as error:
        raise OSError(f"“{folder}” cannot be written: {reason(error)}") from error


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a trainer: it leaves a core to the window and speaks at once."""
    return {"OMP_NUM_THREADS": str(max(1, cores() - 1)), **own, "PYTHONUNBUFFERED": "1"}


def last_words(folder: Path) -> str:
    """Return the last line that the trainers of a folder said, without the name of the program."""
    try:
        with (folder / LOG).open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - _TAIL))
            text = log.read().decode(errors="replace")
    except OSError:
        return ""
    # splitlines: what a line of progress overwrites ends with a carriage return.
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("elucidate: ") if lines else ""


def _apart() -> dict[str, Any]:
    """Return what makes a process outlive this one."""
    if sys.platform == "win32":
        flags = sum(getattr(subprocess, name) for name in _WINDOWS_FLAGS)
        return {"creationflags": flags}
    return {"start_new_session": True}
