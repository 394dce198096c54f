"""Look at all run folders once, off the window's thread."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.engine.launcher import Exit, Launcher, last_words
from studio.models.checkpoints import RUN_FILE, checkpoints
from studio.session.training.details import DetailReader, Details
from studio.session.training.standing import Standing, Vigil, judge


@dataclass(frozen=True, slots=True)
class Look:
    """What one look has found: the runs in order, the one that is looked at, and who has ended."""

    standings: tuple[Standing, ...]
    details: Details | None
    exits: tuple[Exit, ...]


class Watch:
    """Read run folders, start trainers and tell them things; all of it in one thread."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.launcher = Launcher()
        self._vigil = Vigil()
        self._launched: dict[Path, float] = {}
        self._reader: DetailReader | None = None

    def look(
        self,
        others: Sequence[Path],
        hidden: Sequence[Path],
        selected: Path | None,
    ) -> Look:
        """Return how the runs stand: those in the root and `others`, but the hidden ones."""
        exits = tuple(self.launcher.ended())
        for each in exits:
            if each.kind == "train":
                self._launched.pop(each.folder, None)
        folders = dict.fromkeys((*self._own(), *others))
        runs = [self._standing(f) for f in folders if f not in hidden]
        runs.sort(key=lambda run: (not run.alive, -_age(run.folder), run.name))
        return Look(tuple(runs), self._details(selected), exits)

    def train(self, folder: Path) -> None:
        """Start a trainer.

        Raises:
            OSError: it cannot be started.
        """
        self._launched[folder] = time.time()
        self.launcher.train(folder)

    def _own(self) -> list[Path]:
        found: list[Path] = []
        with contextlib.suppress(OSError), os.scandir(self.root) as entries:
            paths = [Path(entry.path) for entry in entries]
            found = [path for path in paths if (path / RUN_FILE).is_file()]
        return found

    def _standing(self, folder: Path) -> Standing:
        from studio.training.run_folder.status import read_status

        status = read_status(folder)
        silence = self._vigil.silence(folder, status) if status else 0.0
        launched = self._launched.get(folder) if self.launcher.busy(folder, "train") else None
        state = judge(folder, status, silence, launched)
        begun = bool(status and status.checkpoint) or bool(checkpoints(folder))
        return Standing(folder=folder, state=state, status=status, begun=begun)

    def _details(self, folder: Path | None) -> Details | None:
        if folder is None:
            return None
        if self._reader is None or self._reader.folder != folder:
            self._reader = DetailReader(folder)
        looking = self.launcher.busy(folder, "look")
        said = last_words(folder) if looking else ""
        reading = said if said.startswith("Reading") else "Reading the pictures…"
        return self._reader.read(looking=reading if looking else "")


def _age(folder: Path) -> float:
    try:
        return (folder / RUN_FILE).stat().st_mtime
    except OSError:
        return 0.0
