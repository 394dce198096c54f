"""Write a file of the library as a whole or not at all, with words for what went wrong."""

from pathlib import Path

from studio.atomic import Content, write_atomically
from studio.library.errors import disk_error


def write_file(path: Path, content: Content, what: str) -> None:
    """Replace `path` by `content`; `what` names it in the message.

    Raises:
        LibraryError: the folder cannot be written or the disk is full; an older file is intact.
    """
    try:
        write_atomically(path, content)
    except OSError as error:
        raise disk_error(what, path.parent, error) from error
