"""Write a sweep as a table and as a contact sheet that open anywhere."""

import contextlib
import csv
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.library.comparison.sheet import Caption, contact_sheet
from studio.library.errors import LibraryError
from studio.library.sweeps.folder import Entry, SweepFolder
from studio.library.sweeps.measures import METRICS, best_place, heat, shares
from studio.library.sweeps.sheet_layout import SheetLayout
from studio.library.sweeps.sweep import Place, Sweep
from studio.library.writing import write_file


def found_places(
    sweep: Sweep, folder: SweepFolder, computed_by: str
) -> tuple[dict[Place, Entry], dict[Place, str]]:
    """Return the cells of a sweep that are done, and why others cannot be made, by place."""
    entries = folder.entries()
    done, problems = {}, {}
    for cell in sweep.cells(computed_by):
        if cell.problem:
            problems[cell.place] = cell.problem
        elif cell.id in entries:
            done[cell.place] = entries[cell.id]
    return done, problems


def figures_of(done: Mapping[Place, Entry], metric: str) -> dict[Place, float]:
    """Return one measure by place, where it was taken."""
    found = {place: entry.record.figure(metric) for place, entry in done.items()}
    return {place: value for place, value in found.items() if value is not None}


def picture_of(folder: Path, index: int) -> NDArray[np.uint8] | None:
    """Return the picture (H, W, 3) with the number `index` of a take; None where there is none."""
    names = sorted(folder.glob("[0-9]*.png"))
    with contextlib.suppress(OSError, ValueError, SyntaxError):
        if index < len(names):
            with Image.open(names[index]) as picture:
                return np.asarray(picture.convert("RGB"))
    return None


def all_pictures(folder: Path) -> NDArray[np.uint8]:
    """Return all pictures of a take, (N, H, W, 3).

    Raises:
        LibraryError: one is damaged, or there is none.
    """
    count = len(list(folder.glob("[0-9]*.png")))
    found = [picture_of(folder, index) for index in range(count)]
    pictures = [picture for picture in found if picture is not None]
    if len(pictures) < count or not count:
        raise LibraryError(f"Pictures of the take in “{folder}” are missing or damaged.")
    return np.stack(pictures)


def write_csv(path: Path, sweep: Sweep, done: Mapping[Place, Entry]) -> None:
    """Write a line for every cell that is done, with its values, its measures and its take.

    Raises:
        LibraryError: the file cannot be written.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*(axis.field for axis in sweep.axes), *METRICS, "pictures", "take"])
    for place, entry in sorted(done.items()):
        values = [axis.values[i] for axis, i in zip(sweep.axes, place, strict=True)]
        figures = (entry.record.figure(metric) for metric in METRICS)
        measured = ("" if figure is None else f"{figure:.9g}" for figure in figures)
        writer.writerow([*values, *measured, entry.record.pictures, entry.folder.name])
    write_file(path, file.getvalue().encode(), "sweep")


def write_sheet(
    path: Path, sweep: Sweep, done: Mapping[Place, Entry], metric: str = "", index: int = 0
) -> None:
    """Write a contact sheet of the pictures with the number `index`, coloured by a measure.

    Raises:
        LibraryError: the file cannot be written.
    """
    layout = SheetLayout(sweep)
    found = {layout.on_sheet(p): picture_of(e.folder, index) for p, e in done.items()}
    pictures = {spot: picture for spot, picture in found.items() if picture is not None}
    captions = {layout.on_sheet(p): c for p, c in captions_of(done, metric).items()}
    title = sweep.title if not metric else f"{sweep.title}, coloured by {METRICS[metric].label}"
    sheet = contact_sheet(layout.sheet_rows(), layout.columns, pictures, captions, title)
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    write_file(path, buffer.getvalue(), "sweep")


def captions_of(done: Mapping[Place, Entry], metric: str) -> dict[Place, Caption]:
    """Return what stands below each picture: a measure in its colour, the best one marked."""
    if not metric:
        return {}
    figures = figures_of(done, metric)
    best, unit = best_place(figures, metric), METRICS[metric].unit
    return {
        place: Caption(f"{figures[place]:.4g} {unit}".strip(), heat(share), place == best)
        for place, share in shares(figures, metric).items()
    }
