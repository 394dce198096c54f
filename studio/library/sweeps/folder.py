"""The folder of a sweep: a take for every cell that is done, and what was measured of it."""

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, Strict

from studio.library.errors import LibraryError, disk_error
from studio.library.fields import Text
from studio.library.folders import SWEEPS
from studio.library.scratch import held
from studio.library.scratch import sweep as clear_up
from studio.library.sweeps.sweep import Sweep
from studio.library.take import RECIPE_FILE, TakeId
from studio.library.untrusted import read_json
from studio.library.way import Part
from studio.library.writing import write_file

FOLDER = SWEEPS
SWEEP_FILE = "sweep.json"
MAX_JSON = 100_000
_ROWS = ("squares", "local", "psnr", "ssim", "residual")

Figure = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Record(Part):
    """What was measured of a cell: `id` is that of its take, `against` the set of pictures.

    `without` names the measures that were asked for and cannot be taken of this cell.
    """

    id: TakeId
    nfe: Annotated[int, Strict(), Field(ge=0)] = 0
    seconds: Figure = 0.0
    pictures: Annotated[int, Strict(), Field(ge=0)] = 0
    measures: Annotated[dict[Text, Figure], Field(max_length=32)] = Field(default_factory=dict)
    against: Text = ""
    without: Annotated[tuple[Text, ...], Field(max_length=32)] = ()

    def lacks(self, sweep: Sweep) -> tuple[str, ...]:
        """Return those measures of a sweep that are still to be taken."""
        other_set = self.against != sweep.against
        known = {*self.measures, *self.without} - ({"frechet"} if other_set else set())
        return tuple(metric for metric in sweep.metrics if metric not in known)

    def figure(self, metric: str) -> float | None:
        """Return a measure, None where it was not taken."""
        if metric in ("nfe", "seconds"):
            return float(getattr(self, metric))
        return self.measures.get(metric)


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell that is done: the folder of its take, and its record."""

    folder: Path
    record: Record


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of the pictures of a cell: (B, H, W, 3), and what else its record needs.

    `psnr`, `ssim` and `residual`: (B,), of restored pictures.
    `squares`: (B,), the mean square distance from the reference; `local`: (B,), the median over the
    steps of the local error. Both are None where there are none.
    """

    pictures: NDArray[np.uint8]
    nfe: int
    seconds: float
    squares: NDArray[np.floating] | None = None
    local: NDArray[np.floating] | None = None
    psnr: NDArray[np.floating] | None = None
    ssim: NDArray[np.floating] | None = None
    residual: NDArray[np.floating] | None = None

    @classmethod
    def joined(cls, pieces: Sequence["Piece"]) -> "Piece":
        """Return the pictures of all pieces as one piece."""
        return cls(
            np.concatenate([piece.pictures for piece in pieces]),
            max(piece.nfe for piece in pieces),
            sum(piece.seconds for piece in pieces),
            *(_joined([getattr(piece, name) for piece in pieces]) for name in _ROWS),
        )


class SweepFolder:
    """Keep the cells of a sweep, so that none is made twice and none is seen half-written.

    A cell is done once its take is there: `DATE/TIME-SAMPLER-ID`, with an id that follows from the
    cell's recipe. `cells/ID.json` holds what was measured, written before the take. The pieces of
    a cell that is sampled in parts lie in `pieces/` until all of them are there. `references/`
    holds end points, `claims/` what marks a cell as being made right now.
    """

    def __init__(self, root: Path, key: str) -> None:
        self.path = root / FOLDER / key

    def prepare(self, sweep: Sweep) -> None:
        """Make the folder, clear up what a crash left, and write down what is asked for.

        Raises:
            LibraryError: the folder cannot be written.
        """
        clear_up(self.path)
        self.write(SWEEP_FILE, sweep.model_dump_json(indent=1).encode())

    def sweep(self) -> Sweep:
        """Return what was asked for last.

        Raises:
            LibraryError: it is missing or malformed.
        """
        try:
            text = (self.path / SWEEP_FILE).read_bytes()
        except OSError as error:
            raise LibraryError(f"The sweep in “{self.path}” cannot be read: {error}.") from None
        return Sweep.from_json(text)

    def takes(self) -> dict[str, Path]:
        """Return the folders of all takes by their ids."""
        found = sorted(self.path.glob(f"[0-9]*/*/{RECIPE_FILE}"))
        return {file.parent.name.rpartition("-")[2]: file.parent for file in found}

    def has_take(self, id: str) -> bool:
        """Tell whether a cell is done."""
        return any(self.path.glob(f"[0-9]*/*-{id}/{RECIPE_FILE}"))

    def entries(self) -> dict[str, Entry]:
        """Return every cell that is done by its id; one without a record has an empty one."""
        return {id: Entry(folder, self.record(id)) for id, folder in self.takes().items()}

    def record(self, id: str) -> Record:
        """Return what was measured of a cell; what is missing or damaged counts as nothing."""
        with contextlib.suppress(OSError, ValueError):
            found = read_json((self.path / "cells" / f"{id}.json").read_bytes(), MAX_JSON)
            return Record.model_validate(found)
        return Record(id=id)

    def write_record(self, record: Record) -> None:
        """Write what was measured of a cell.

        Raises:
            LibraryError: the folder cannot be written.
        """
        self.write(f"cells/{record.id}.json", record.model_dump_json(indent=1).encode())

    def write_piece(self, id: str, index: int, piece: Piece) -> None:
        """Write the pictures with the number `index` of those parts that a cell is made in.

        Raises:
            LibraryError: the folder cannot be written.
        """
        fields = ((name, getattr(piece, name)) for name in Piece.__slots__)
        arrays = {name: value for name, value in fields if value is not None}
        self.write(f"pieces/{id}-{index:04d}.npz", _packed(**arrays))

    def piece(self, id: str, index: int) -> Piece | None:
        """Return a part of a cell, None where it is not there."""
        found = _unpacked(self.path / "pieces" / f"{id}-{index:04d}.npz")
        with contextlib.suppress(KeyError):
            nfe, seconds = int(found["nfe"]), float(found["seconds"])
            return Piece(found["pictures"], nfe, seconds, *(found.get(name) for name in _ROWS))
        return None

    def drop_pieces(self, id: str) -> None:
        """Let go of the parts of a cell that is done."""
        for path in self.path.glob(f"pieces/*{id}-*"):  # with what a crash left half-written
            path.unlink(missing_ok=True)

    def write_reference(self, key: str, x: NDArray[np.floating]) -> None:
        """Write end points, (B, C, H, W), that others are measured against.

        Raises:
            LibraryError: the folder cannot be written.
        """
        self.write(f"references/{key}.npz", _packed(x=x))

    def reference(self, key: str) -> NDArray[np.floating] | None:
        """Return end points that were written, None where there are none."""
        return _unpacked(self.path / "references" / f"{key}.npz").get("x")

    @contextlib.contextmanager
    def claim(self, name: str, *, wait: bool = False) -> Iterator[bool]:
        """Hold a mark that no other process can hold at the same time; tell whether it is ours.

        A mark goes with the process that holds it, however that ends.

        Raises:
            LibraryError: the folder cannot be written.
        """
        folder = self.path / "claims" / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_error("sweep", self.path, error) from error
        with held(folder, wait=wait) as ours:
            try:
                yield ours
            finally:
                if ours and not wait:  # whoever waits for it holds on to the folder
                    with contextlib.suppress(OSError):
                        folder.rmdir()

    def write(self, name: str, content: bytes) -> None:
        """Write a file of the sweep.

        Raises:
            LibraryError: the folder cannot be written or the disk is full.
        """
        path = self.path / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_error("sweep", self.path, error) from error
        write_file(path, content, "sweep")


def past_sweeps(root: Path) -> list[SweepFolder]:
    """Return the sweeps below a folder of takes, the newest first."""
    found = []
    for file in root.glob(f"{FOLDER}/*/{SWEEP_FILE}"):
        with contextlib.suppress(OSError):
            found.append((file.stat().st_mtime, file.parent.name))
    return [SweepFolder(root, key) for _, key in sorted(found, reverse=True)]


def _joined(parts: Sequence[NDArray[np.floating] | None]) -> NDArray[np.floating] | None:
    there = [part for part in parts if part is not None]
    return np.concatenate(there) if len(there) == len(parts) else None


def _packed(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _unpacked(path: Path) -> dict[str, Any]:
    """Return the arrays of a file; of a damaged one nothing, so that it is made anew."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    except (OSError, ValueError, EOFError, KeyError, BadZipFile):
        return {}
