"""The trash: takes that were deleted, until the person empties the folder."""

from dataclasses import replace
from pathlib import Path

from studio.library.errors import disk_error
from studio.library.take import Take

TRASH = ".trash"


def discard(root: Path, take: Take) -> Take:
    """Move a take's folder into `.trash` below `root` and return the take as it lies there.

    Raises:
        LibraryError: the folder cannot be moved; it stays where it was.
    """
    return _move(take, root / TRASH / take.folder.parent.name / take.folder.name, root)


def recover(root: Path, take: Take) -> Take:
    """Move a take out of the trash to where it was and return it as it lies there.

    Raises:
        LibraryError: the folder is gone or cannot be moved.
    """
    return _move(take, root / take.folder.parent.name / take.folder.name, root)


def _move(take: Take, target: Path, root: Path) -> Take:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        take.folder.rename(target)
    except OSError as error:
        raise disk_error("take", root, error) from error
    return replace(take, folder=target)
