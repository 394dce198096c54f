"""Keep what took long to make, so that the next start and the other processes find it made."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from studio.atomic import sync_folder
from studio.library.scratch import Scratch, held, sweep

_Kept = TypeVar("_Kept")
_KEPT_FOR_S = 30 * 24 * 3600


def kept(
    root: Path, key: str, make: Callable[[Path], None], take: Callable[[Path], _Kept]
) -> _Kept:
    """Return what `take` finds in the folder `key` of a cache; where it is not, `make` fills it.

    Of many processes one makes it and the others wait. A folder is made anew if `take` raises
    OSError, EOFError or ValueError. What nobody wanted for 30 days is deleted.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    root.mkdir(parents=True, exist_ok=True)
    target, lock = root / key, root / f".lock-{key}"
    lock.mkdir(exist_ok=True)
    with held(lock, wait=True):
        if (found := _taken(target, take)) is None:
            sweep(root)
            _forget(root)
            shutil.rmtree(target, ignore_errors=True)
            _made(root, target, make)
            found = take(target)
        for used in (target, lock):
            with contextlib.suppress(OSError):
                os.utime(used)
    return found


def _taken(target: Path, take: Callable[[Path], _Kept]) -> _Kept | None:
    try:
        return take(target)
    except (OSError, EOFError, ValueError):
        return None


def _made(root: Path, target: Path, make: Callable[[Path], None]) -> None:
    with Scratch(root) as scratch:
        make(scratch.folder)
        sync_folder(scratch.folder)
        scratch.folder.rename(target)
    sync_folder(root)


def _forget(root: Path) -> None:
    for old in root.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - old.stat().st_mtime > _KEPT_FOR_S:
                shutil.rmtree(old, ignore_errors=True)
