"""Move arrays out of memory into files that last no longer than their owner."""

import shutil
import tempfile
import weakref
from pathlib import Path

from studio.library.archive import Archive, Array, Layout, write_archive
from studio.library.errors import disk_error


class Spill:
    """A folder of its own within `parent` (None: the system's), made when first needed.

    It disappears with `close()`, with this object and all that lies in it, or at the end of the
    program.
    """

    def __init__(self, parent: Path | None) -> None:
        self._parent = parent
        self._folder: Path | None = None
        self._release: weakref.finalize[..., Spill] | None = None

    def put(self, name: str, arrays: dict[str, Array]) -> "Spilled":
        """Write arrays to a file and return the place from which they can be read again.

        Raises:
            LibraryError: the disk is full or the folder cannot be written.
        """
        try:
            path = self._made() / f"{name}.safetensors"
            with path.open("wb") as file:
                layouts = {name: Layout.of(array) for name, array in arrays.items()}
                write_archive(file, layouts, arrays.__getitem__, {})
        except OSError as error:
            folder = self._folder or self._parent or Path(tempfile.gettempdir())
            raise disk_error("earlier steps", folder, error) from error
        return Spilled(path, self)

    def close(self) -> None:
        """Delete the folder."""
        if self._release is not None:
            self._release()

    def _made(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="elucidate-", dir=self._parent))
            self._release = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder


class Spilled:
    """Arrays in a file that is opened only to read from it, so that thousands may lie about."""

    def __init__(self, path: Path, spill: Spill) -> None:
        self._path = path
        self._spill = spill  # the folder lasts as long as anything in it can be read

    def __getitem__(self, name: str, /) -> Array:
        archive = Archive(self._path)
        try:
            return archive[name]
        finally:
            archive.close()

    def part(self, name: str, rows: slice) -> Array:
        """Return some of the first axis of an array; nothing else of it is read."""
        archive = Archive(self._path)
        try:
            return archive.part(name, rows)
        finally:
            archive.close()
