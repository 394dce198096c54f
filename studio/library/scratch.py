"""Folders that are being written, and those that a crash left behind."""

import contextlib
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

if sys.platform != "win32":
    import fcntl

PREFIX = ".writing-"
_STALE_SECONDS = 3600


class Scratch:
    """A hidden folder in `root` that is deleted at the end unless it was renamed.

    It is locked while it is in use, so that another window or a command line that starts meanwhile
    does not take it for the leftover of a crash.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / f"{PREFIX}{secrets.token_hex(6)}"

    def __enter__(self) -> "Scratch":
        self.folder.mkdir()
        self._lock = _lock(self.folder)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._lock is not None:
            os.close(self._lock)
        shutil.rmtree(self.folder, ignore_errors=True)


def sweep(root: Path) -> int:
    """Delete what crashes left behind in `root` and return how many folders that were."""
    swept = 0
    with contextlib.suppress(OSError):
        for folder in root.glob(f"{PREFIX}*"):
            if _abandoned(folder):
                shutil.rmtree(folder, ignore_errors=True)
                swept += 1
    return swept


@contextlib.contextmanager
def held(folder: Path, *, wait: bool = False) -> Iterator[bool]:
    """Hold the lock of a folder and tell whether that could be had; `wait` for it if need be.

    Where folders have no locks everybody has it.
    """
    try:
        lock = _lock(folder, wait=wait)
    except BlockingIOError:
        yield False
        return
    try:
        yield True
    finally:
        if lock is not None:
            os.close(lock)


def _lock(folder: Path, *, wait: bool = False) -> int | None:
    """Lock a folder for as long as the descriptor is open; None where folders have no locks.

    Raises:
        BlockingIOError: somebody else holds the lock, and there is no `wait` for it.
    """
    if sys.platform == "win32":
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise
        return None
    return descriptor


def _abandoned(folder: Path) -> bool:
    try:
        descriptor = _lock(folder)
    except BlockingIOError:
        return False
    if descriptor is None:
        return time.time() - folder.stat().st_mtime > _STALE_SECONDS
    os.close(descriptor)
    return True
