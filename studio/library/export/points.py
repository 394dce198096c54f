"""The end points of a planar run as a table."""

import csv
import io

from studio.library.plane import Floats
from studio.library.recipe import Recipe


def points_csv(recipe: Recipe, points: Floats) -> str:
    """Return a line for each of points: (B, 2): its seed, its class (-1 for none), its place."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["seed", "class", "x1", "x2"])
    labels = recipe.labels or (-1,) * len(recipe.seeds)
    for seed, label, (x1, x2) in zip(recipe.seeds, labels, points.tolist(), strict=True):
        writer.writerow([seed, label, repr(x1), repr(x2)])
    return text.getvalue()
