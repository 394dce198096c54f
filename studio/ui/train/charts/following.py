"""Follow a run folder off the window's thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.background import Background
from studio.engine.fault import Fault
from studio.training.run_folder.course import Course, Follower
from studio.training.run_folder.facts import Facts, read_facts
from studio.ui.train.charts.digest import Digest, digest

_PAUSE_MS = 1000


class Following(QObject):
    """Look into a run folder every second and tell what is new; one folder at a time."""

    grown = Signal(object)
    """There is more to draw: a Digest."""
    failed = Signal(object)
    """The log cannot be read: a Fault. It is tried again."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: Background | None = None
        self._reader: _Reader | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)

    def follow(self, folder: Path | None) -> None:
        """Follow another folder from its beginning, or none."""
        self._timer.stop()
        self._reader = None
        if folder is None:
            return
        self._reader = _Reader(folder)
        self._look()

    def stop(self) -> None:
        """Follow nothing any more and join the thread; `follow` begins anew."""
        self.follow(None)
        if self._thread is not None:
            self._thread.close()
            self._thread = None

    def _look(self) -> None:
        reader = self._reader
        if reader is None:
            return
        if self._thread is None:
            self._thread = Background(self)
        self._thread.run(
            reader.read,
            lambda found: self._on_read(reader, found),
            lambda fault: self._on_failed(reader, fault),
            "Reading the log of the run",
        )

    def _on_read(self, reader: _Reader, found: Digest | None) -> None:
        if reader is not self._reader:
            return
        self._timer.start(0 if reader.behind else _PAUSE_MS)
        if found is not None:
            self.grown.emit(found)

    def _on_failed(self, reader: _Reader, fault: Fault) -> None:
        if reader is self._reader:
            self._timer.start(_PAUSE_MS)
            self.failed.emit(fault)


class _Reader:
    """Read a run folder, in the thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._follower = Follower(folder)
        self._course: Course | None = None
        self._facts: Facts | None = None
        self._saved = -1  # how many checkpoints there were when the facts were read

    @property
    def behind(self) -> bool:
        """Tell whether there is more to read at once."""
        return self._follower.behind or (self._course is not None and self._saved < 0)

    def read(self) -> Digest | None:
        """Return what there is to draw, None where nothing is new.

        Figures come first: the facts need torch, which may still have to be loaded.
        """
        learned = self._course is not None and self._learn(self._course)
        course = self._follower.read()
        if course is None and not learned:
            return None
        self._course = course or self._course
        assert self._course is not None
        return digest(self._course, self._facts)

    def _learn(self, course: Course) -> bool:
        """Read the facts again where there is another checkpoint, which may name the classes."""
        saved = len(course.checkpoints)
        if saved == self._saved:
            return False
        self._saved = saved
        self._facts = read_facts(self._folder)
        return True
