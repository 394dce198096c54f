"""The record of a run: every step, in bounded memory, in one file once it is saved."""

import threading
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from studio.library.archive import Archive, Array, Layout, write_archive
from studio.library.enlarging import enlarged
from studio.library.errors import TrajectoryError
from studio.library.frame import FIGURES, MEASURES, Facts, Frame, Store, frozen, pack, unpack
from studio.library.spill import Spill, Spilled
from studio.library.untrusted import complaint
from studio.library.writing import write_file

MIB = 2**20
ALL = slice(None)
_KEPT = (*MEASURES, *(f"carry.{name}" for name in FIGURES))
"""Every picture of a batch."""
_KEY = "trajectory"


_Row = Annotated[tuple[Annotated[float, Field(allow_inf_nan=False)], ...], Field(max_length=513)]


class _Header(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="strings")

    version: Literal[1] = 1
    total: int | None
    frames: tuple[Facts, ...]
    colours: Annotated[tuple[_Row, ...], Field(max_length=3)] = ()


class Trajectory:
    """The steps of a run as frames; one thread appends, others read.

    `start`: (B, C, H, W), the state before the first step, and `shape` its shape; `total`: how many
    steps are planned, None where an adaptive solver cannot know. Past `budget` bytes the oldest
    frames move to files in a folder of their own within `spill` (None: the system's for temporary
    files), which disappears with `close()` or with the trajectory; `held` counts the
    bytes in memory.
    Of latents, `colours` tells which red, green and blue a latent pixel stands for: a row (C + 1)
    for each, what every channel counts and at last what there is without them. Empty: the first
    three channels are colours.
    """

    def __init__(
        self,
        start: Array,
        total: int | None,
        *,
        budget: int = 512 * MIB,
        spill: Path | None = None,
    ) -> None:
        self.total = total
        self.shape: tuple[int, ...] = start.shape
        self.budget = budget
        self._spill = Spill(spill)
        self._lock = threading.Lock()
        self._first: Store = {"start": frozen(start)}
        self._facts: list[Facts] = []
        self._stores: list[Store] = []
        self._measures: dict[str, list[Array | None]] = {name: [] for name in _KEPT}
        self._layouts = {"start": Layout.of(start)}
        self._seen = (0, 0)  # height and width of the largest preview
        self._oldest = 0  # the first frame that may still lie in memory
        self.held = 0  # bytes of frames in memory
        self.colours: tuple[tuple[float, ...], ...] = ()

    @classmethod
    def open(cls, path: Path) -> "Trajectory":
        """Open a saved trajectory; arrays are read when they are asked for.

        Raises:
            TrajectoryError: the file is missing, cut off, damaged, or no trajectory.
        """
        archive = Archive(path)
        try:
            header = _read_header(archive)
        except TrajectoryError as error:
            archive.close()
            raise TrajectoryError(
                f"The trajectory “{path}” is damaged: {error}. "
                "The pictures beside it can still be opened."
            ) from None
        trajectory = cls(np.empty(0), header.total)
        trajectory._adopt(archive, header)
        return trajectory

    def upto(self, count: int) -> "Trajectory":
        """Return a trajectory of its own that begins with the first `count` steps of this one.

        The arrays are shared, so that this costs next to nothing, and nothing else is kept by it;
        this one must not be closed as long as the other is in use.
        """
        with self._lock:
            branch = Trajectory(np.empty(0), self.total, budget=self.budget)
            branch._first, branch.shape = self._first, self.shape
            branch.colours = self.colours
            branch._facts, branch._stores = self._facts[:count], self._stores[:count]
            branch._layouts = dict(self._layouts)
            branch._measures = {name: each[:count] for name, each in self._measures.items()}
            branch._oldest, branch._seen = len(branch._facts), self._seen
        return branch

    def append(self, frame: Frame) -> None:
        """Record a step; its arrays are copied.

        Raises:
            LibraryError: older frames could not be moved to files; nothing is lost by it.
            TrajectoryError: an array has a type that cannot be recorded.
        """
        position = len(self._facts)
        facts, arrays = pack(frame, position)
        layouts = {name: Layout.of(array) for name, array in arrays.items()}
        with self._lock:
            self._layouts |= layouts
            self._facts.append(facts)
            self._stores.append(arrays)
            self._seen = max(self._seen, frame.preview.shape[1:3])
            for name, values in self._measures.items():
                values.append(arrays.get(facts.names(position).get(name, "")))
        self.held += _size(arrays)
        self._move_oldest_to_files()

    def __len__(self) -> int:
        return len(self._facts)

    def __getitem__(self, index: int) -> Frame:
        position, facts, store = self._at(index)
        return unpack(facts, position, store)

    @property
    def start(self) -> Array:
        """Return the state before the first step, (B, C, H, W); the caller's own."""
        return np.array(self._first["start"])

    @property
    def sigmas(self) -> tuple[float, ...]:
        """Return the noise level before each step."""
        return tuple(facts.sigma for facts in self._facts)

    @property
    def sigmas_next(self) -> tuple[float, ...]:
        """Return the noise level after each step."""
        return tuple(facts.sigma_next for facts in self._facts)

    @property
    def nfes(self) -> tuple[int, ...]:
        """Return the evaluations made up to and with each step."""
        return tuple(facts.nfe for facts in self._facts)

    @property
    def errors(self) -> tuple[Array | None, ...]:
        """Return the local error of each step, (B,), None where the solver has none."""
        return tuple(self._measures["error"])

    def figures(self, name: str) -> tuple[Array | None, ...]:
        """Return one of the `FIGURES` of each step's x̂₀, (B,), None where it has none.

        That is the root mean square of y - H x̂₀ (“residual”), and against the original “psnr” in
        decibels and “ssim”.
        """
        return tuple(self._measures[f"carry.{name}"])

    @property
    def changes(self) -> tuple[Array | None, ...]:
        """Return the RMS change of each step's x̂₀ against the step before, (B,), None at first."""
        return tuple(self._measures["change"])

    def state(self, index: int, pictures: slice = ALL) -> Array:
        """Return the state after a step, (B, C, H, W), not to be written to."""
        return self._part(index, "x", pictures)

    def before(self, index: int, pictures: slice = ALL) -> Array:
        """Return the recorded state before a step, (B, C, H, W), not to be written to.

        Noise that a solver adds first (churn, a restart) is not in it: see `level_before`.
        """
        index = range(len(self))[index]
        if index == 0:
            return _rows(self._first, "start", pictures)
        return self.state(index - 1, pictures)

    def level_before(self, index: int) -> float:
        """Return the noise level σ of `before(index)`: below `sigmas` where noise was added."""
        index = range(len(self))[index]
        return self._facts[index - 1].sigma_next if index else self._facts[0].sigma

    def estimate(self, index: int, pictures: slice = ALL) -> Array:
        """Return a step's x̂₀, (B, C, H, W), in the dtype it is kept in, not to be written to."""
        return self._part(index, "denoised", pictures)

    def preview(self, index: int, pictures: slice = ALL) -> NDArray[np.uint8]:
        """Return the pixels of a step's denoised estimate, (B, H, W, 3), not to be written to.

        They have one size for all steps: a preview that was made smaller is enlarged smoothly.
        """
        pixels: NDArray[np.uint8] = self._part(index, "preview", pictures)
        if pixels.shape[1:3] != self._seen:
            pixels = enlarged(pixels, self._seen)
        pixels.flags.writeable = False
        return pixels

    @property
    def size(self) -> tuple[int, int]:
        """Return the height and width at which steps are seen."""
        return self._seen

    def end_with(self, pixels: NDArray[np.uint8]) -> None:
        """Let these finished pictures, (B, H, W, 3), be what is seen of the newest step.

        They take the place of a quick preview; the newest step is always in memory.
        """
        with self._lock:
            position = len(self._facts) - 1
            arrays, name = self._stores[position], self._facts[position].names(position)["preview"]
            assert isinstance(arrays, dict)
            self.held += pixels.nbytes - arrays[name].nbytes
            self._stores[position] = {**arrays, name: frozen(pixels)}
            self._layouts[name] = Layout.of(pixels)
            self._seen = max(self._seen, pixels.shape[1:3])

    def save(self, path: Path) -> None:
        """Write everything to one safetensors file.

        Raises:
            LibraryError: the folder cannot be written or the disk is full; an older file is intact.
        """
        write_file(path, self.write, "trajectory")

    def write(self, file: BinaryIO) -> None:
        """Write everything to an open file, one array after another.

        Raises:
            OSError: the disk is full.
        """
        with self._lock:
            facts, stores = tuple(self._facts), tuple(self._stores)
        sources: dict[str, Store] = {"start": self._first}
        for position, (fact, store) in enumerate(zip(facts, stores, strict=True)):
            sources |= dict.fromkeys(fact.names(position).values(), store)
        layouts = {name: self._layout(name, store) for name, store in sources.items()}
        header = _Header(total=self.total, frames=facts, colours=self.colours)
        write_archive(
            file, layouts, lambda name: sources[name][name], {_KEY: header.model_dump_json()}
        )

    def close(self) -> None:
        """Let go of every file; frames that lie in one cannot be read any more."""
        for store in {id(store): store for store in (self._first, *self._stores)}.values():
            if isinstance(store, Archive):
                store.close()
        self._spill.close()

    def _adopt(self, archive: Archive, header: _Header) -> None:
        self._first = archive
        self.shape = archive.layout("start").shape
        self._facts = list(header.frames)
        rows = header.colours
        fits = len(rows) == 3 and all(len(row) == self.shape[1] + 1 for row in rows)
        self.colours = rows if fits else ()
        self._stores = [archive] * len(header.frames)
        self._oldest = len(header.frames)
        for position, facts in enumerate(header.frames):
            for what, values in self._measures.items():
                name = facts.names(position).get(what)
                values.append(None if name is None else archive[name])
            _, height, width, _ = archive.layout(facts.names(position)["preview"]).shape
            self._seen = max(self._seen, (height, width))

    def _part(self, index: int, what: str, pictures: slice) -> Array:
        position, facts, store = self._at(index)
        return _rows(store, facts.names(position)[what], pictures)

    def _at(self, index: int) -> tuple[int, Facts, Store]:
        with self._lock:
            position = range(len(self._facts))[index]
            return position, self._facts[position], self._stores[position]

    def _layout(self, name: str, store: Store) -> Layout:
        return store.layout(name) if isinstance(store, Archive) else self._layouts[name]

    def _move_oldest_to_files(self) -> None:
        # The newest frame stays: it is the one that everybody looks at.
        while self.held > self.budget and self._oldest < len(self._stores) - 1:
            arrays = self._stores[self._oldest]
            assert isinstance(arrays, dict)
            spilled = self._spill.put(f"{self._oldest:04d}", arrays)
            with self._lock:
                self._stores[self._oldest] = spilled
            self._oldest += 1
            self.held -= _size(arrays)


def _rows(store: Store, name: str, rows: slice) -> Array:
    """Return some pictures of an array; of a file no others are read."""
    if rows == ALL:
        return store[name]
    if isinstance(store, Archive | Spilled):
        return store.part(name, rows)
    return store[name][rows]


def _size(arrays: dict[str, Array]) -> int:
    return sum(array.nbytes for array in arrays.values())


def _read_header(archive: Archive) -> _Header:
    try:
        header = _Header.model_validate_json(archive.facts.get(_KEY, "{}"))
    except ValidationError as error:
        raise TrajectoryError(f"its {_KEY} {complaint(error)}") from None
    for position, facts in enumerate(header.frames):
        _check_frame(archive, position, facts)
    return header


def _check_frame(archive: Archive, position: int, facts: Facts) -> None:
    """Raise TrajectoryError where an array is missing or has another shape than it must have."""
    layouts = {what: _layout(archive, name) for what, name in facts.names(position).items()}
    state, pixels = _layout(archive, "start").shape, layouts["preview"]
    fits = (
        layouts["x"].shape == layouts["denoised"].shape == state
        and pixels.dtype == np.uint8
        and (pixels.shape[:1], pixels.shape[3:]) == (state[:1], (3,))
        and all(layouts[name].shape == state[:1] for name in MEASURES if name in layouts)
    )
    if not fits:
        raise TrajectoryError(f"the arrays of step {position} do not fit together")


def _layout(archive: Archive, name: str) -> Layout:
    if name not in archive:
        raise TrajectoryError(f"it lacks {name}")
    return archive.layout(name)
