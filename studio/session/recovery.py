"""A mark of what is open, which a crash leaves behind and a clean end takes away."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

from studio.atomic import write_atomically
from studio.engine.background import Background
from studio.library import Recipe
from studio.library.take import new_id

FOLDER = "open"
DELAY_MS = 1500
_MOST_BYTES = 8 * 2**20

Index = Annotated[int, Field(ge=-1, le=10_000_000)]
Name = Annotated[str, Field(max_length=64)]


class Mark(BaseModel):
    """What a window shows: the take and the step of its cursor, the recipe, and what it samples.

    `running` is the recipe that was being sampled by the person's wish, if one was.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    recipe: Recipe
    take: Name = ""
    step: Index = -1
    followed: Index = 0
    view: Name = ""
    tab: Index = 0
    running: Recipe | None = None


class Recovery(QObject):
    """Keep the mark of this window up to date, and find one whose window is gone.

    Each window has a file and a lock of its own in `folder`. The system frees the lock of a process
    that ends, so that a second window is never taken for a crash.
    """

    found = Signal(object)  # Mark of a window that ended unexpectedly, or None

    def __init__(
        self, folder: Path, recipe: Recipe, disk: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._folder, self._disk = folder, disk
        self._file = folder / f"{new_id()}.json"
        self._lock: QLockFile | None = None
        self._mark = Mark(recipe=recipe)
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self.write)

    def start(self) -> None:
        """Take the lock of this window and look for marks of others, in the background."""
        self._disk.run(self._begin, self.found.emit, lambda _fault: self.found.emit(None))

    def note(self, **changes: object) -> None:
        """Say what is different now; it is written within two seconds."""
        marked = self._mark.model_copy(update=changes)
        if marked != self._mark:
            self._mark = marked
            if not self._timer.isActive():
                self._timer.start()

    def write(self) -> None:
        """Write the mark now."""
        mark, file = self._mark, self._file
        self._disk.run(lambda: _write(file, mark), lambda _: None, lambda _: None)

    def close(self) -> None:
        """Take the mark away; the disk's thread must have ended."""
        self._timer.stop()
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.unlock()

    # In the disk's thread

    def _begin(self) -> Mark | None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(self._file)
        self._lock.tryLock(0)
        left = [mark for path in self._by_age() if (mark := _left_behind(path)) is not None]
        return left[-1] if left else None

    def _by_age(self) -> list[Path]:
        """Return the marks of other windows, the newest last."""
        dated = []
        for path in self._folder.glob("*.json"):
            with contextlib.suppress(OSError):
                if path != self._file:
                    dated.append((path.stat().st_mtime_ns, path))
        return [path for _, path in sorted(dated)]


def _lock(mark: Path) -> QLockFile:
    lock = QLockFile(str(mark.with_suffix(".lock")))
    lock.setStaleLockTime(0)  # a window may be open for weeks: only a dead process frees it
    return lock


def _left_behind(path: Path) -> Mark | None:
    """Take a mark whose window is gone out of the folder and return it; else None."""
    lock = _lock(path)
    if not lock.tryLock(0):
        return None
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        return Mark.model_validate_json(path.read_bytes())
    except (OSError, ValidationError, ValueError):
        return None
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        lock.unlock()


def _write(path: Path, mark: Mark) -> None:
    write_atomically(path, mark.model_dump_json().encode())
