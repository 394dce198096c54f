"""What a command is given to work on: pictures, folders and sets of them, or tables of points."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.cli.main import BAD_ARGUMENTS, CommandError
from studio.library.inputs import open_picture

if TYPE_CHECKING:
    from studio.models import ModelInfo

_NO_CLASS = -1


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """A picture, (H, W, 3) or (H, W) uint8, or a point, (2, 1, 1); its name and class, or ""."""

    name: str
    values: NDArray[Any]
    label: str = ""


def read_given(paths: Sequence[Path]) -> list[Given]:
    """Return all that the paths hold, in their order.

    A path is a picture, a folder, zip or npz of pictures, or a CSV of points, with columns x1 and
    x2 as `elucidate sample` writes them, or of two numbers a line.

    Raises:
        CommandError: there is nothing of that name, or a table holds no points.
        LibraryError, ModelError: a picture or a set cannot be read.
    """
    return [each for path in paths for each in _read(path)]


def read_held_out(path: Path, info: "ModelInfo", share: float, seed: int) -> list[Given]:
    """Return the pictures of a set that a run file with this split keeps out of training.

    Raises:
        CommandError: there are none.
        ModelError: the set cannot be read.
    """
    from studio.training.loading import load_pictures
    from studio.training.sections import Data

    data = Data(path=str(path), size=info.shape[1] * info.pixels, held_out=share)
    channels = 3 if info.pixels > 1 else info.shape[0]
    pictures = load_pictures(data, Path.cwd(), seed, 1, channels)
    kept = pictures.held_out
    if not len(kept):
        raise CommandError(f"nothing of {path.name} is kept out; raise --held-out", BAD_ARGUMENTS)
    pixels, labels = pictures.some(kept)
    rows = zip(pixels.numpy(), labels.tolist(), strict=True)
    return [
        Given(f"{path.stem} {place}", _turned(image), _named(label, pictures.classes))
        for place, (image, label) in zip(kept.tolist(), rows, strict=True)
    ]


def labels_of(given: Sequence[Given], classes: Sequence[str]) -> tuple[int, ...]:
    """Return the number of each one's class among those of a model, -1 for none or another."""
    numbers = {name: number for number, name in enumerate(classes)}
    return tuple(numbers.get(each.label, _NO_CLASS) for each in given)


def _read(path: Path) -> Iterator[Given]:
    if not path.exists():
        raise CommandError(f"there is no “{path}”")
    if path.suffix.lower() == ".csv":
        yield from _points(path)
    elif path.is_dir() or path.suffix.lower() in (".npz", ".zip"):
        yield from _set(path)
    else:
        yield Given(path.name, open_picture(path)[0], path.parent.name)


def _set(path: Path) -> Iterator[Given]:
    from studio.models.pictures.source import read_pictures

    found = read_pictures(path)
    for place, (image, label) in enumerate(zip(found.pixels, found.labels, strict=True)):
        yield Given(f"{path.stem} {place}", _turned(image), _named(int(label), found.classes))


def _turned(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture (C, H, W) as (H, W, 3), or grey as (H, W)."""
    return image[0] if len(image) == 1 else image[:3].transpose(1, 2, 0)


def _named(label: int, classes: Sequence[str]) -> str:
    return classes[label] if 0 <= label < len(classes) else ""


def _points(path: Path) -> Iterator[Given]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if row]
    columns = (-2, -1)  # of a table of points, which may begin with their seeds and classes
    if rows and {"x1", "x2"} <= set(rows[0]):
        columns = rows[0].index("x1"), rows[0].index("x2")
        rows = rows[1:]
    for number, row in enumerate(rows):
        try:
            point = np.array([float(row[column]) for column in columns])
        except (ValueError, IndexError):
            raise CommandError(
                f"line {number + 1} of {path.name} is no point: {','.join(row)[:60]}"
            ) from None
        yield Given(f"{path.stem} {number}", point.reshape(2, 1, 1))
