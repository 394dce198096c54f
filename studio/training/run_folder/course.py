"""The course of a run so far: what its log says, as arrays over the pictures seen."""

import math
import os
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pydantic_core import from_json

from studio.training.run_folder.layout import SAMPLES, STATS
from studio.training.run_folder.levels import BUCKETS
from studio.training.run_folder.tail import Tail

_FIGURES = (
    "loss",
    "learning_rate",
    "gradient_norm",
    "images_per_second",
    "half_life_kimg",
    "memory",
    "skipped",
)
_SHEET = re.compile(r"(\d{6,}\.\d{3})\.png")


class Sheet(NamedTuple):
    """A sheet of samples; `written` is when, in nanoseconds, to tell it from an older one."""

    kimg: float
    path: Path
    written: int


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Course:
    """Hold the figures of a run, one for each line of its log: (N,) float64, NaN where unknown.

    `kimg` rises. `loss_by_level` is (N, 16), from the lowest noise level to the highest,
    `half_life_kimg` that of the moving average, `memory` in bytes. `held_out`, (M, 2), has pairs
    of kimg and loss on pictures kept out, `held_out_by_level` (M, 16) the same by level.
    `checkpoints` and `resumes` are kimg. What a run did after the place to which it was taken back
    is left out.
    """

    kimg: np.ndarray
    loss: np.ndarray
    learning_rate: np.ndarray
    gradient_norm: np.ndarray
    images_per_second: np.ndarray
    half_life_kimg: np.ndarray
    memory: np.ndarray
    skipped: np.ndarray
    loss_by_level: np.ndarray
    held_out: np.ndarray
    held_out_by_level: np.ndarray
    checkpoints: np.ndarray
    resumes: np.ndarray
    sheets: tuple[Sheet, ...] = ()
    total_kimg: float = 0.0

    @property
    def reached(self) -> float:
        """Return how many thousand pictures the last line of figures tells of."""
        return float(self.kimg[-1]) if len(self.kimg) else 0.0


class Follower:
    """Read the course of a run as it grows, each time only what is new."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tail = Tail(folder / STATS)
        self._log = _Log()
        self._sheets: tuple[Sheet, ...] = ()

    @property
    def behind(self) -> bool:
        """Tell whether more of the log waits to be read at once."""
        return self._tail.behind

    def read(self) -> Course | None:
        """Return the course as far as it was read, None where nothing is new.

        Raises:
            OSError: the log is there but cannot be read.
        """
        anew, lines = self._tail.read()
        if anew:
            self._log = _Log()
        for line in lines:
            self._log.take(line)
        before, self._sheets = self._sheets, self._log.known(find_sheets(self._folder))
        if not (anew or lines or self._sheets != before):
            return None
        return self._log.course(self._sheets)


def find_sheets(folder: Path) -> tuple[Sheet, ...]:
    """Return the sheets of samples in a run folder, the oldest first."""
    found = []
    try:
        with os.scandir(folder / SAMPLES) as entries:
            for entry in entries:
                if (name := _SHEET.fullmatch(entry.name)) is not None:
                    written = entry.stat().st_mtime_ns
                    found.append(Sheet(float(name[1]), Path(entry.path), written))
    except OSError:  # not there yet, or gone again
        pass
    return tuple(sorted(found))


class _Log:
    """What the lines so far say."""

    def __init__(self) -> None:
        self._kimg = array("d")
        self._figures = {name: array("d") for name in _FIGURES}
        self._levels = array("d")
        self._held_out: tuple[array[float], array[float]] = (array("d"), array("d"))
        self._held_out_levels = array("d")
        self._checkpoints, self._resumes = array("d"), array("d")
        self._reached = 0.0
        self._total = 0.0

    def take(self, line: bytes) -> None:
        """Take in a line; one that is damaged, or of another kind, is passed over."""
        try:
            said = from_json(line, cache_strings="all")
        except ValueError:
            return
        if not isinstance(said, dict):
            return
        kimg = _number(said.get("kimg"))
        event = said.get("event")
        if math.isnan(kimg) or kimg < 0:
            return
        if event == "resumed":
            self._go_back(kimg)
            self._resumes.append(kimg)
        elif event == "stats":
            self._add_figures(kimg, said)
        elif event == "held_out":
            self._add_held_out(kimg, said)
        elif event == "checkpoint":
            self._checkpoints[bisect_left(self._checkpoints, kimg) :] = array("d", [kimg])
        self._reached = max(self._reached, kimg)

    def _add_figures(self, kimg: float, said: Mapping[str, Any]) -> None:
        if self._kimg and kimg <= self._kimg[-1]:
            self._go_back(math.nextafter(kimg, -1))
        self._kimg.append(kimg)
        for name, values in self._figures.items():
            values.append(_number(said.get(name)))
        self._levels.extend(_levels(said.get("loss_by_level")))
        if (total := _number(said.get("total_kimg"))) > 0:
            self._total = total

    def _add_held_out(self, kimg: float, said: Mapping[str, Any]) -> None:
        place = bisect_left(self._held_out[0], kimg)
        for values, value in zip(self._held_out, (kimg, _number(said.get("loss"))), strict=True):
            values[place:] = array("d", [value])
        self._held_out_levels[place * BUCKETS :] = _levels(said.get("loss_by_level"))

    def _go_back(self, kimg: float) -> None:
        """Forget what came after so many thousand pictures."""
        count = bisect_right(self._kimg, kimg)
        for values in (self._kimg, *self._figures.values()):
            del values[count:]
        del self._levels[count * BUCKETS :]
        kept = bisect_right(self._held_out[0], kimg)
        for values in self._held_out:
            del values[kept:]
        del self._held_out_levels[kept * BUCKETS :]
        for places in (self._checkpoints, self._resumes):
            del places[bisect_right(places, kimg) :]
        self._reached = min(self._reached, max(kimg, 0.0))

    def known(self, sheets: tuple[Sheet, ...]) -> tuple[Sheet, ...]:
        """Return the sheets up to where the run is; later ones are of a course that was left."""
        if not self._kimg:
            return sheets
        return tuple(sheet for sheet in sheets if sheet.kimg <= self._reached + 1e-9)

    def course(self, sheets: tuple[Sheet, ...]) -> Course:
        """Return all of it, in arrays of its own."""
        return Course(
            kimg=np.array(self._kimg),
            **{name: np.array(values) for name, values in self._figures.items()},
            loss_by_level=np.array(self._levels).reshape(-1, BUCKETS),
            held_out=np.stack([np.array(values) for values in self._held_out], axis=1),
            held_out_by_level=np.array(self._held_out_levels).reshape(-1, BUCKETS),
            checkpoints=np.array(self._checkpoints),
            resumes=np.array(self._resumes),
            sheets=sheets,
            total_kimg=self._total,
        )


def _levels(said: object) -> "array[float]":
    """Return a loss for every level, NaN where there is none."""
    if not isinstance(said, list) or len(said) != BUCKETS:
        said = [None] * BUCKETS
    try:
        return array("d", [math.nan if value is None else value for value in said])
    except (TypeError, OverflowError):
        return array("d", [_number(value) for value in said])


def _number(value: object) -> float:
    """Return a number as it is, and NaN for all else."""
    if isinstance(value, float | int) and not isinstance(value, bool) and abs(value) < 1e300:
        return float(value)
    return math.nan
