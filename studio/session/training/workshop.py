"""Begin runs: what they can begin from, a copy of another, one that goes on for longer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from studio.engine.fault import Fault
from studio.models.checkpoints import RUN_FILE
from studio.session.training.bases import Base, base_of, find_bases
from studio.session.training.desk import TrainingDesk
from studio.session.training.founding import copied_text, found, free_name, longer_text, rewrite

T = TypeVar("T")
Failed = Callable[[Fault], None]


class Workshop:
    """Do all of it in the thread of the desk; `recent()` returns the models opened last."""

    def __init__(self, desk: TrainingDesk, recent: Callable[[], tuple[str, ...]]) -> None:
        self._desk, self._recent = desk, recent

    def find_bases(self, then: Callable[[list[Base]], None]) -> None:
        """Call `then` with the models that can be trained."""
        recent = self._recent()
        runs = [standing.folder for standing in self._desk.standings]
        self._run(lambda: find_bases(recent, runs), then, self._desk.failed.emit)

    def look_at_base(self, path: str, then: Callable[[Base | None], None]) -> None:
        """Call `then` with a model as one to begin from, None where it cannot be trained."""
        self._run(lambda: base_of(path), then, self._desk.failed.emit)

    def free_name(self, wish: str) -> str:
        """Return a name for a new run that no other has."""
        return free_name(self._desk.root, wish)

    def copy(self, folder: Path, then: Callable[[str], None]) -> None:
        """Call `then` with the run file of a run as it is to be in another folder."""
        self._run(lambda: copied_text(folder), then, self._desk.failed.emit)

    def read(self, folder: Path, then: Callable[[str], None]) -> None:
        """Call `then` with the run file of a run as it is."""
        file = folder / RUN_FILE
        self._run(lambda: file.read_text(encoding="utf-8"), then, self._desk.failed.emit)

    def rewrite(self, folder: Path, text: str) -> None:
        """Give a run another run file."""
        self._run(
            lambda: rewrite(folder, text), lambda _none: self._desk.look(), self._desk.failed.emit
        )

    def found(self, name: str, text: str, then: Callable[[], None], failed: Failed) -> None:
        """Make a run, look at it and at its pictures, and call `then`."""
        desk = self._desk

        def made(folder: Path) -> None:
            desk.open(folder)
            desk.look_at_pictures(folder)
            then()

        self._run(lambda: found(desk.root, name, text), made, failed)

    def lengthen(self, folder: Path, kimg: float) -> None:
        """Let a run that has finished go on to so many thousand pictures."""
        self._run(
            lambda: rewrite(folder, longer_text(folder, kimg)),
            lambda _none: self._desk.train(folder),
            self._desk.failed.emit,
        )

    def _run(self, work: Callable[[], T], then: Callable[[T], None], failed: Failed) -> None:
        self._desk.background.run(work, then, failed, "Making the run")
