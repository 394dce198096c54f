"""Carry takes out of the library in one file, and others in."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.library import Take
from studio.library.bundle import Unpacked, is_bundle, read_bundle, write_bundle
from studio.session.errand import Errand, Tell
from studio.session.shelf import Shelf


class Bundling(Errand):
    """Pack and unpack takes."""

    packed = Signal(object)  # the Path that was written, or None where it was cancelled
    unpacked = Signal(object)  # Unpacked
    refused = Signal(str)  # a file that holds no takes
    unit = "takes"

    def __init__(self, shelf: Shelf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf

    def pack(self, takes: Sequence[Take], path: Path) -> None:
        """Write takes to a zip file."""
        self._run(
            "Packing the takes",
            lambda tell: path if write_bundle(path, takes, tell) else None,
            self.packed.emit,
        )

    def unpack(self, path: Path) -> None:
        """Bring the takes of a zip file into the library; one of something else is `refused`."""
        root, shelf = self._shelf.root, self._shelf

        def work(tell: Tell) -> Unpacked | None:
            if not is_bundle(path):
                return None
            return read_bundle(path, root, lambda id: shelf.get(id) is not None, tell)

        def then(found: Unpacked | None) -> None:
            if found is None:
                self.refused.emit(str(path))
            else:
                shelf.take_in(found.takes)
                self.unpacked.emit(found)

        self._run("Unpacking the takes", work, then)
