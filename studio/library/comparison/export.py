"""Write a comparison as a table and a picture that open anywhere."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.library.comparison.cells import Comparison, Result
from studio.library.comparison.folder import ComparisonFolder
from studio.library.comparison.layout import Layout
from studio.library.comparison.sheet import contact_sheet
from studio.library.comparison.table import csv_text
from studio.library.writing import write_file


def export(
    folder: ComparisonFolder, comparison: Comparison, found: Mapping[str, Result]
) -> tuple[Path, Path]:
    """Write results.csv and pictures.png beside the cells and return their paths.

    Raises:
        LibraryError: the folder cannot be written.
    """
    table, sheet = folder.path / "results.csv", folder.path / "pictures.png"
    write_csv(table, comparison, found)
    write_sheet(sheet, folder, comparison, found)
    return table, sheet


def write_csv(path: Path, comparison: Comparison, found: Mapping[str, Result]) -> None:
    """Write the results in the order of the comparison's cells.

    Raises:
        LibraryError: the file cannot be written.
    """
    rows = [found[cell.key] for cell in comparison.cells() if cell.key in found]
    write_file(path, csv_text(rows).encode(), "comparison")


def write_sheet(
    path: Path,
    folder: ComparisonFolder,
    comparison: Comparison,
    found: Mapping[str, Result],
    index: int = 0,
) -> None:
    """Write a contact sheet of the pictures with the number `index` of every cell.

    Raises:
        LibraryError: the file cannot be written.
    """
    layout = Layout(comparison)
    buffer = io.BytesIO()
    pictures = pictures_of(folder, layout, found, index)
    contact_sheet(layout.rows, layout.columns, pictures).save(buffer, "PNG")
    write_file(path, buffer.getvalue(), "comparison")


def pictures_of(
    folder: ComparisonFolder, layout: Layout, found: Mapping[str, Result], index: int
) -> dict[tuple[int, int], NDArray[np.uint8]]:
    """Return the pictures (H, W, 3) with the number `index` by their places."""
    pictures = {}
    for place, result in layout.results(found).items():
        batch = folder.pictures(result.cell) if result.sampled else None
        if batch is not None and index < len(batch):
            pictures[place] = batch[index]
    reference = folder.reference()
    if reference is not None and index < len(reference[1]):
        pictures[layout.reference] = reference[1][index]
    return pictures
