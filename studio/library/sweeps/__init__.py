"""Sweeps: up to three axes over a recipe, a take for every cell, and what was measured of it."""

from studio.library.sweeps.export import (
    all_pictures,
    captions_of,
    figures_of,
    found_places,
    picture_of,
    write_csv,
    write_sheet,
)
from studio.library.sweeps.fields import FIELDS, Field, field_named, swept_knobs
from studio.library.sweeps.folder import Entry, Piece, Record, SweepFolder, past_sweeps
from studio.library.sweeps.measures import METRICS, Metric, best_place, heat, shares
from studio.library.sweeps.sheet_layout import SheetLayout
from studio.library.sweeps.sweep import Axis, Place, Sweep, SweepCell, short

__all__ = [
    "FIELDS",
    "METRICS",
    "Axis",
    "Entry",
    "Field",
    "Metric",
    "Piece",
    "Place",
    "Record",
    "SheetLayout",
    "Sweep",
    "SweepCell",
    "SweepFolder",
    "all_pictures",
    "best_place",
    "captions_of",
    "field_named",
    "figures_of",
    "found_places",
    "heat",
    "past_sweeps",
    "picture_of",
    "shares",
    "short",
    "swept_knobs",
    "write_csv",
    "write_sheet",
]
