"""Find the folders of takes below a folder, also where the person has moved them."""

import os
from collections.abc import Iterator
from pathlib import Path

from studio.library.errors import LibraryError
from studio.library.take import RECIPE_FILE, Take, read_take

COMPARISONS, SWEEPS = "comparisons", "sweeps"
"""Folders beside the takes, with cells of their own."""

DEEPEST = 6
"""Folders below folders that are looked into."""


def folders(root: Path) -> Iterator[Path]:
    """Yield every folder that holds a recipe, in the order of their paths; hidden ones are not."""
    for path, below, files in os.walk(root):
        here = Path(path)
        if RECIPE_FILE in files:
            below.clear()
            yield here
        elif len(here.relative_to(root).parts) >= DEEPEST:
            below.clear()
        apart = (COMPARISONS, SWEEPS) if here == root else ()
        below[:] = sorted(name for name in below if name[0] != "." and name not in apart)


def found(root: Path, problems: list[str]) -> Iterator[Take]:
    """Read every take below `root`; what cannot be read becomes a sentence in `problems`."""
    for folder in folders(root):
        try:
            yield read_take(folder)
        except LibraryError as error:
            problems.append(str(error))


def moved(root: Path) -> dict[str, Path]:
    """Return the folders below `root` by the id at the end of their names."""
    return {folder.name.rpartition("-")[2]: folder for folder in folders(root)}
