"""Everything that is shown of the one run that is looked at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.models.checkpoints import MANIFEST, MODEL, RUN_FILE, checkpoints
from studio.session.training.log_reader import Line, LogReader

if TYPE_CHECKING:
    import numpy as np

    from studio.training.sections import RunSettings

DATA, SHEET = "data.json", "data.png"
_LARGEST = 4 << 20  # bytes of data.json
_WIDEST = 4096  # pixels of data.png


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFacts:
    """What the pictures of a run are; `skipped` holds (name, reason), `classes` (name, count)."""

    pictures: int = 0
    classes: tuple[tuple[str, int], ...] = ()
    size: tuple[int, ...] = ()
    before: tuple[int, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is known of a run beside its status.

    settings: what its run file says, None where that is wrong, as `problem` tells; figures: the
    newest of the log; sheet: (H, W, 3) uint8, what the network sees; checkpoint: the newest one and
    the time it was made; looking: the pictures are being read.
    """

    folder: Path
    settings: RunSettings | None = None
    problem: str = ""
    data: DataFacts | None = None
    sheet: np.ndarray | None = None
    lines: tuple[Line, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    held_out: float | None = None
    checkpoint: Path | None = None
    saved: float = 0.0
    looking: bool = False

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

    def read(self, *, looking: bool) -> Details:
        """Return the details as they are now."""
        self._log.read()
        if self._is_new(RUN_FILE):
            self._settings = _settings(self.folder)
        if self._is_new(DATA):
            self._data = read_facts(self.folder / DATA)
        if self._is_new(SHEET):
            self._sheet = _pixels(self.folder / SHEET)
        newest = next(iter(checkpoints(self.folder)), None)
        return Details(
            folder=self.folder,
            settings=self._settings[0],
            problem=self._settings[1],
            data=self._data,
            sheet=self._sheet,
            lines=tuple(self._log.lines),
            figures=self._log.figures,
            held_out=self._log.held_out,
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
        return DataFacts(
            pictures=int(said.get("pictures", 0)),
            classes=tuple((str(c["name"]), int(c["count"])) for c in said.get("classes", ())),
            size=_numbers(said.get("size")),
            before=_numbers(said.get("from")),
            skipped=tuple((str(s["name"]), str(s["reason"])) for s in said.get("skipped", ())),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _numbers(value: object) -> tuple[int, ...]:
    if isinstance(value, int | float):
        return (int(value),)
    return tuple(int(each) for each in value) if isinstance(value, list) else ()


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
