"""Everything that is shown of the one run that is looked at."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.checkpoints import MANIFEST, MODEL, RUN_FILE, checkpoints
from studio.session.training.log_reader import Line, LogReader
from studio.training.run_folder.layout import DATA_FACTS, DATA_SHEET

if TYPE_CHECKING:
    import numpy as np

    from studio.training.sections import RunSettings

_LARGEST = 4 << 20  # bytes of data.json
_WIDEST = 8192  # pixels of data.png
_GLIMPSED, _GAP = 16, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFacts:
    """What the pictures of a run are.

    `classes` holds (name, count), `skipped` (name, reason) of the first of `skipped_count`,
    `before` (width, height, count) of the sizes that they had, the most common first, `grid` (left,
    top, side) for every picture of the sheet. Where it is `planar` they are points in the plane.
    """

    pictures: int = 0
    planar: bool = False
    held_out: int = 0
    classes: tuple[tuple[str, int], ...] = ()
    size: int = 0
    before: tuple[tuple[int, ...], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    skipped_count: int = 0
    grid: tuple[tuple[int, ...], ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is known of a run beside its status.

    settings: what its run file says, None where that is wrong, as `problem` tells; sheet: (H, W, 3)
    uint8, what the network sees; glimpse: some pictures of it, close together; checkpoint: the
    newest one, and `saved` when it was made; looking: how far the pictures are read, while they
    are.
    """

    folder: Path
    settings: RunSettings | None = None
    problem: str = ""
    data: DataFacts | None = None
    sheet: np.ndarray | None = None
    glimpse: np.ndarray | None = None
    lines: tuple[Line, ...] = ()
    checkpoint: Path | None = None
    saved: float = 0.0
    looking: str = ""

    @property
    def model(self) -> Path | None:
        """Return the model file of the newest checkpoint."""
        return self.checkpoint / MODEL if self.checkpoint else None


class DetailReader:
    """Read the details of a run again and again; files that did not change are not read again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = LogReader(folder)
        self._stamps: dict[str, float] = {}
        self._settings: tuple[RunSettings | None, str] = (None, "")
        self._data: DataFacts | None = None
        self._sheet: np.ndarray | None = None
        self._glimpse: np.ndarray | None = None

    def read(self, *, looking: str) -> Details:
        """Return the details as they are now."""
        self._log.read()
        if self._is_new(RUN_FILE):
            self._settings = _settings(self.folder)
        if self._is_new(DATA_FACTS):
            self._data = read_facts(self.folder / DATA_FACTS)
        if self._is_new(DATA_SHEET):
            self._sheet = _pixels(self.folder / DATA_SHEET)
            self._glimpse = glimpse(self._sheet, self._data.grid if self._data else ())
        newest = next(iter(checkpoints(self.folder)), None)
        return Details(
            folder=self.folder,
            settings=self._settings[0],
            problem=self._settings[1],
            data=self._data,
            sheet=self._sheet,
            glimpse=self._glimpse,
            lines=tuple(self._log.lines),
            checkpoint=newest,
            saved=_time(newest / MANIFEST) if newest else 0.0,
            looking=looking,
        )

    def _is_new(self, name: str) -> bool:
        stamp = _time(self.folder / name)
        before = self._stamps.get(name)
        self._stamps[name] = stamp
        return stamp != before


def read_facts(path: Path) -> DataFacts | None:
    """Return what a file says of the pictures of a run, None where it says nothing."""
    try:
        with path.open("rb") as file:
            said = json.loads(file.read(_LARGEST))
        skipped = tuple((str(s["name"]), str(s["reason"])) for s in said.get("skipped", ()))
        return DataFacts(
            pictures=int(said.get("pictures", 0)),
            planar=bool(said.get("planar", False)),
            held_out=int(said.get("held_out", 0)),
            classes=tuple((str(c["name"]), int(c["count"])) for c in said.get("classes", ())),
            size=int(said.get("size", 0)),
            before=_rows(said.get("from", ())),
            skipped=skipped,
            skipped_count=int(said.get("skipped_count", len(skipped))),
            grid=_rows(said.get("grid", ())),
            remarks=tuple(map(str, said.get("remarks", ()))),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def glimpse(sheet: np.ndarray | None, grid: Sequence[Sequence[int]]) -> np.ndarray | None:
    """Return up to 16 pictures of a sheet: (H, W, 3) uint8, taken evenly from all over it, in a
    square; the whole sheet where nobody knows where its pictures are.
    """
    import numpy as np

    if sheet is None or not grid:
        return sheet
    count = min(len(grid), _GLIMPSED)
    chosen = [grid[place * len(grid) // count] for place in range(count)]
    side, columns = chosen[0][2], math.ceil(math.sqrt(count))
    step, rows = side + _GAP, -(-count // columns)
    made = np.zeros((rows * step - _GAP, columns * step - _GAP, 3), np.uint8)
    made[:] = sheet[0, 0]
    for place, (left, top, _) in enumerate(chosen):
        row, column = divmod(place, columns)
        picture = sheet[top : top + side, left : left + side]
        if picture.shape == (side, side, 3):
            made[row * step : row * step + side, column * step : column * step + side] = picture
    return made


def _rows(value: Iterable[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(map(int, row)) for row in value)


def _settings(folder: Path) -> tuple[RunSettings | None, str]:
    from studio.training.errors import TrainingError
    from studio.training.run_file import read_run_file

    try:
        return read_run_file(folder / RUN_FILE), ""
    except TrainingError as error:
        return None, str(error)


def _pixels(path: Path) -> np.ndarray | None:
    import numpy as np
    from PIL import Image

    try:
        with Image.open(path) as picture:
            if max(picture.size) > _WIDEST:
                return None
            return np.asarray(picture.convert("RGB"))
    except (OSError, ValueError, Image.DecompressionBombError):
        return None


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
