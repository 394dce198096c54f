"""Carry takes out of the library in one file, and others in."""

import threading
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.engine.background import Background
from studio.library import Take
from studio.library.bundle import Tell, Unpacked, is_bundle, read_bundle, write_bundle
from studio.session.shelf import Shelf


class Bundling(QObject):
    """Pack and unpack in a thread of its own, one after another."""

    progressed = Signal(str, int, int)  # what is done, takes done, takes in all
    packed = Signal(object)  # the Path that was written, or None where it was cancelled
    unpacked = Signal(object)  # Unpacked
    refused = Signal(str)  # a file that holds no takes
    failed = Signal(object)  # Fault

    def __init__(self, shelf: Shelf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._thread = Background(self)
        self._cancelled = threading.Event()

    def pack(self, takes: Sequence[Take], path: Path) -> None:
        """Write takes to a zip file."""
        tell = self._teller("Packing")
        self._thread.run(
            lambda: path if write_bundle(path, takes, tell) else None,
            self.packed.emit,
            self.failed.emit,
            "Packing the takes",
        )

    def unpack(self, path: Path) -> None:
        """Bring the takes of a zip file into the library; one of something else is `refused`."""
        root, shelf, tell = self._shelf.root, self._shelf, self._teller("Unpacking")

        def work() -> Unpacked | None:
            if not is_bundle(path):
                return None
            return read_bundle(path, root, lambda id: shelf.get(id) is not None, tell)

        def then(found: Unpacked | None) -> None:
            if found is None:
                self.refused.emit(str(path))
            else:
                shelf.take_in(found.takes)
                self.unpacked.emit(found)

        self._thread.run(work, then, self.failed.emit, "Unpacking the takes")

    def cancel(self) -> None:
        """Stop before the next take."""
        self._cancelled.set()

    def close(self) -> None:
        """Cancel and join the thread."""
        self.cancel()
        self._thread.close()

    def _teller(self, doing: str) -> Tell:
        self._cancelled = cancelled = threading.Event()

        def tell(done: int, total: int) -> bool:
            self.progressed.emit(doing, done, total)
            return not cancelled.is_set()

        return tell
