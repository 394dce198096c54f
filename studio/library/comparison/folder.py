"""The folder of a comparison: one file a cell, there as a whole or not at all."""

import contextlib
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from studio.atomic import write_atomically
from studio.library.comparison.cells import MAX_JSON, Cell, Result
from studio.library.errors import LibraryError, disk_error
from studio.library.folders import COMPARISONS
from studio.library.untrusted import read_json

FOLDER = COMPARISONS
_FACTS = "comparison.json"
_REFERENCE = "reference.safetensors"


class ComparisonFolder:
    """Keep the cells that share model, seeds and reference, so that none is computed twice.

    Each cell is `KEY.json` with its result, written last, and `KEY.npy` with its pictures,
    (B, H, W, 3) uint8. `reference.safetensors` holds the end points `x` and the `pictures` of the
    reference.
    """

    def __init__(self, root: Path, key: str) -> None:
        self.path = root / FOLDER / key

    def write_facts(self, facts: Mapping[str, Any]) -> None:
        """Write down what the cells have in common, for whoever finds the folder.

        Raises:
            LibraryError: the folder cannot be written.
        """
        self._write(_FACTS, json.dumps(facts, indent=1).encode())

    def write_reference(self, x: NDArray[np.floating], pictures: NDArray[np.uint8]) -> None:
        """Write the end points of the reference, (B, C, H, W), and its pictures.

        Raises:
            LibraryError: the folder cannot be written.
        """
        tensors = {"x": np.ascontiguousarray(x), "pictures": np.ascontiguousarray(pictures)}
        self._write(_REFERENCE, save(tensors))

    def reference(self) -> tuple[NDArray[np.floating], NDArray[np.uint8]] | None:
        """Return end points and pictures of the reference, None where there are none yet."""
        with contextlib.suppress(OSError, ValueError, KeyError, SafetensorError):
            found = load((self.path / _REFERENCE).read_bytes())
            return found["x"], found["pictures"]
        return None

    def write(self, result: Result, pictures: NDArray[np.uint8] | None) -> None:
        """Write a cell, its pictures first.

        Raises:
            LibraryError: the folder cannot be written or the disk is full.
        """
        if pictures is not None:
            buffer = io.BytesIO()
            np.save(buffer, pictures)
            self._write(f"{result.cell.key}.npy", buffer.getvalue())
        self._write(f"{result.cell.key}.json", result.model_dump_json(indent=1).encode())

    def results(self) -> Iterator[Result]:
        """Read every cell that is done; damaged ones are left out, to be made anew."""
        for path in sorted(self.path.glob("*.json")):
            if path.name != _FACTS:
                with contextlib.suppress(LibraryError, OSError):
                    yield Result.from_json(path.read_bytes())

    def pictures(self, cell: Cell) -> NDArray[np.uint8] | None:
        """Return the pictures of a cell, mapped from the disk; None where there are none."""
        with contextlib.suppress(OSError, ValueError):
            found: NDArray[np.uint8] = np.load(
                self.path / f"{cell.key}.npy", mmap_mode="r", allow_pickle=False
            )
            if found.dtype == np.uint8 and found.ndim == 4:
                return found
        return None

    def facts(self) -> dict[str, Any]:
        """Return what `write_facts` wrote, or nothing."""
        with contextlib.suppress(OSError, ValueError):
            found = read_json((self.path / _FACTS).read_bytes(), MAX_JSON)
            return found if isinstance(found, dict) else {}
        return {}

    def _write(self, name: str, content: bytes) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            write_atomically(self.path / name, content)
        except OSError as error:
            raise disk_error("comparison", self.path, error) from error
