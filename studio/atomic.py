"""Write files so that a crash, a full disk or a power cut leaves the old file or the new one."""

import contextlib
import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

Content = bytes | Callable[[BinaryIO], None]

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def write_atomically(path: Path, content: Content) -> None:
    """Replace `path` by `content`, bytes or a function that writes to an open file.

    Raises:
        OSError: the disk is full or the folder cannot be written; `path` is as it was before.
    """
    partial = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.partial")
    try:
        write_through(partial, content)
        partial.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_through(path: Path, content: Content) -> None:
    """Write the new file `path` and return when its bytes are on the disk.

    Raises:
        OSError: the file exists, the disk is full or the folder cannot be written.
    """
    with path.open("xb") as file:
        if callable(content):
            content(file)
        else:
            file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Return when the names in `folder` are on the disk; Windows does so by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def keep_aside(path: Path) -> Path:
    """Rename a damaged file to `NAME.broken-N`, with the first N that is free, and return that.

    Raises:
        OSError: the folder cannot be written.
    """
    number = 1
    while (aside := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    return path.rename(aside)


def reason(error: OSError) -> str:
    """Return why a file could not be read or written, and what to do, to follow a colon."""
    if error.errno in _FULL:
        return "the disk is full. Free some space or choose another folder."
    if error.errno in _CLOSED:
        return "access is refused. Change the rights of the folder or choose another."
    return f"{error.strerror or error}".rstrip(".") + ". Choose another folder."
