"""A distribution as it is painted by hand: strokes of points that can be taken back."""

import re
from pathlib import Path

import numpy as np

from studio.library.plane import Floats
from studio.library.writing import write_file
from studio.models.toy.file import MOST_COMPONENTS, SUFFIX, PointsFile, read_toy

CLASSES = ("first", "second", "third")
_MOST_UNDO = 200
_State = tuple[Floats, "np.ndarray"]


class Sketch:
    """Hold points in the square from -1 to 1, each of a class; `undo` takes a stroke back.

    random: the source of the spray, for tests.
    """

    def __init__(self, random: np.random.Generator | None = None) -> None:
        self._random = random if random is not None else np.random.default_rng()
        self.points: Floats = np.empty((0, 2))
        self.labels = np.empty(0, dtype=np.int64)
        self._past: list[_State] = []
        self._future: list[_State] = []

    def __len__(self) -> int:
        return len(self.points)

    @property
    def full(self) -> bool:
        """Tell whether no more points fit."""
        return len(self) >= MOST_COMPONENTS

    @property
    def can_undo(self) -> bool:
        """Tell whether there is a stroke to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Tell whether a stroke was taken back."""
        return bool(self._future)

    def begin(self) -> None:
        """Begin a stroke; all that follows is taken back together."""
        self._past = [*self._past[-_MOST_UNDO:], self._state()]
        self._future.clear()

    def end(self) -> None:
        """End a stroke; one that changed nothing is forgotten."""
        if self._past and len(self._past[-1][0]) == len(self) and self._same(self._past[-1]):
            self._past.pop()

    def spray(self, x: float, y: float, width: float, count: int, label: int) -> None:
        """Add `count` points about (x, y), normally distributed with standard deviation `width`."""
        count = min(count, MOST_COMPONENTS - len(self))
        drops = self._random.normal((x, y), max(width, 0.0), (count, 2)).clip(-1, 1)
        self.points = np.concatenate([self.points, np.round(drops, 4)])
        self.labels = np.concatenate([self.labels, np.full(count, label)])

    def erase(self, x: float, y: float, radius: float) -> None:
        """Take away the points within `radius` of (x, y)."""
        kept = np.hypot(*(self.points - (x, y)).T) > radius
        self.points, self.labels = self.points[kept], self.labels[kept]

    def clear(self) -> None:
        """Take away all points, as a stroke of its own."""
        self.begin()
        self.points, self.labels = self.points[:0], self.labels[:0]
        self.end()

    def undo(self) -> None:
        """Take the newest stroke back."""
        self._swap(self._past, self._future)

    def redo(self) -> None:
        """Make the stroke again that was taken back."""
        self._swap(self._future, self._past)

    def load(self, toy: PointsFile) -> None:
        """Take over the points of a file, as a stroke of its own; those outside are left out."""
        self.begin()
        points = np.array(toy.points)
        labels = np.array(toy.labels or (0,) * len(points)).clip(0, len(CLASSES) - 1)
        inside = (abs(points) <= 1).all(axis=1)
        self.points, self.labels = points[inside], labels[inside]
        self.end()

    def to_file(self, name: str, width: float) -> PointsFile:
        """Return what is painted; classes that are empty are left out, a single one is none."""
        used = sorted(set(self.labels.tolist()))
        many = len(used) > 1
        return PointsFile(
            kind="points",
            name=name,
            note="Drawn by hand.",
            width=width,
            points=tuple((float(x), float(y)) for x, y in self.points),
            classes=tuple(CLASSES[label] for label in used) if many else (),
            labels=tuple(used.index(label) for label in self.labels.tolist()) if many else (),
        )

    def _state(self) -> _State:
        return self.points, self.labels

    def _same(self, state: _State) -> bool:
        return np.array_equal(state[0], self.points) and np.array_equal(state[1], self.labels)

    def _swap(self, source: list[_State], target: list[_State]) -> None:
        if source:
            target.append(self._state())
            self.points, self.labels = source.pop()


def save_sketch(folder: Path, toy: PointsFile) -> Path:
    """Write a toy into a folder under its name, beside what is there, and return where.

    Raises:
        LibraryError: the folder cannot be written or the disk is full.
    """
    from studio.library.errors import disk_error

    stem = re.sub(r"[^\w-]+", "-", toy.name.lower()).strip("-") or "drawing"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error("model", folder, error) from error
    number = 1
    while (path := folder / f"{stem}{'' if number == 1 else f'-{number}'}{SUFFIX}").exists():
        number += 1
    text = toy.model_dump_json(exclude_defaults=False, indent=None)
    write_file(path, text.encode(), "model")
    return path


def points_file(path: str) -> PointsFile | None:
    """Return what a model's file says if it is a set of points that can be drawn on, else None."""
    try:
        toy = read_toy(Path(path)) if path.endswith(SUFFIX) else None
    except (ValueError, OSError):
        return None
    return toy if isinstance(toy, PointsFile) else None
