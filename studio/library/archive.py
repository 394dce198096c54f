"""Arrays in one safetensors file, written and read one at a time.

The layout is public: eight bytes with the length of a JSON header, the header, the arrays' bytes.
It is written here rather than by `safetensors.numpy.save_file`, which wants every array in memory
at once: a trajectory may be larger than that. Each write releases the GIL.
"""

import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from studio.library.errors import TrajectoryError

Array = NDArray[Any]

_CODES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "int64": "I64",
    "int32": "I32",
    "int16": "I16",
    "int8": "I8",
    "uint8": "U8",
    "bool": "BOOL",
}
_TYPES = {code: name for name, code in _CODES.items()}
_UNREADABLE = (OSError, SafetensorError, AttributeError, KeyError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Layout:
    """The type and shape of an array, known before it is read."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @classmethod
    def of(cls, array: Array) -> "Layout":
        """Return the layout of `array`.

        Raises:
            TrajectoryError: its type has no place in the file.
        """
        if array.dtype.name not in _CODES:
            raise TrajectoryError(f"Arrays of type {array.dtype} cannot be recorded.")
        return cls(array.dtype, array.shape)

    @property
    def nbytes(self) -> int:
        """Return the size of the array in bytes."""
        return self.dtype.itemsize * int(np.prod(self.shape, dtype=np.int64))


def write_archive(
    file: BinaryIO,
    layouts: Mapping[str, Layout],
    read: Callable[[str], Array],
    facts: Mapping[str, str],
) -> None:
    """Write the arrays that `read` returns by name to an open file, one after another.

    Raises:
        OSError: the disk is full.
    """
    # Wide types come first, as the format's own writer has it: every array is then aligned.
    names = sorted(layouts, key=lambda name: (-layouts[name].dtype.itemsize, name))
    header = json.dumps(_header(names, layouts, facts)).encode()
    header += b" " * (-len(header) % 8)
    file.write(struct.pack("<Q", len(header)) + header)
    for name in names:
        file.write(np.ascontiguousarray(read(name)).reshape(-1).view(np.uint8).data)


def _header(
    names: list[str], layouts: Mapping[str, Layout], facts: Mapping[str, str]
) -> dict[str, object]:
    header: dict[str, object] = {"__metadata__": dict(facts)}
    end = 0
    for name in names:
        layout, start = layouts[name], end
        end += layout.nbytes
        header[name] = {
            "dtype": _CODES[layout.dtype.name],
            "shape": layout.shape,
            "data_offsets": (start, end),
        }
    return header


class Archive:
    """The arrays of a file by name; only those that are asked for are read.

    Raises:
        TrajectoryError: the file is missing, cut off, no safetensors file, or has been closed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = _opened(path)
            self._names = frozenset(self._file.keys())
            self.facts: Mapping[str, str] = self._file.metadata() or {}
        except _UNREADABLE as error:
            raise self._error(error) from None

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __getitem__(self, name: str, /) -> Array:
        try:
            array: Array = self._file.get_tensor(name)
        except _UNREADABLE as error:
            raise self._error(error) from None
        return array

    def part(self, name: str, rows: slice) -> Array:
        """Return some of the first axis of an array; nothing else of it is read."""
        try:
            array: Array = self._file.get_slice(name)[rows.start or 0 : rows.stop]
        except _UNREADABLE as error:
            raise self._error(error) from None
        return array

    def layout(self, name: str) -> Layout:
        """Return the type and shape of an array without reading it."""
        try:
            view = self._file.get_slice(name)
            return Layout(np.dtype(_TYPES[view.get_dtype()]), tuple(view.get_shape()))
        except _UNREADABLE as error:
            raise self._error(error) from None

    def close(self) -> None:
        """Let go of the file."""
        self._file.__exit__(None, None, None)

    def _error(self, error: Exception) -> TrajectoryError:
        return TrajectoryError(f"The trajectory “{self._path}” cannot be read: {error}.")


def _opened(path: Path) -> Any:
    return safe_open(path, framework="np")  # Its type hints cover half of it.
