"""Read what is added to a file, a whole line at a time."""

import os
from pathlib import Path
from typing import BinaryIO

_FIRST, _AT_ONCE = 4 << 20, 16 << 20  # bytes; the first ones are soon there to be seen
_SEAL = 64


class Tail:
    """Remember how far a growing file was read; `behind` tells whether more of it waits.

    A line that is still being written waits for its end. A file that is not the one that was read,
    because it was cut or written anew, is read from its beginning.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._seal = b""  # the last bytes that were read, to know the file by
        self.behind = False

    def read(self) -> tuple[bool, list[bytes]]:
        """Return whether the file began anew, and the next lines, some MB of them at most.

        Raises:
            OSError: the file is there but cannot be read.
        """
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            gone = self._offset > 0
            self._begin()
            return gone, []
        with file:
            anew = not self._is_same(file)
            if anew:
                self._begin()
            return anew, self._lines(file)

    def _begin(self) -> None:
        self._offset, self._seal, self.behind = 0, b"", False

    def _is_same(self, file: BinaryIO) -> bool:
        file.seek(self._offset - len(self._seal))
        return file.read(len(self._seal)) == self._seal

    def _lines(self, file: BinaryIO) -> list[bytes]:
        file.seek(self._offset)
        most = _AT_ONCE if self._offset else _FIRST
        data = file.read(most)
        whole = data.rfind(b"\n") + 1
        if not whole and len(data) == most:
            whole = len(data)  # no line of a log is that long: what it is can be passed over
        self._offset += whole
        self._seal = (self._seal + data[:whole])[-_SEAL:]
        self.behind = self._offset + len(data) - whole < os.fstat(file.fileno()).st_size
        return [line for line in data[:whole].split(b"\n") if line]
