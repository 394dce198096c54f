"""A picture in the list of those that are measured, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from studio.engine.errands.results import Measured
from studio.session.editing.subjects import Subject


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: its picture, what was found, or None."""

    subject: Subject
    measured: Measured | None = None


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean over the rows that are measured: of how many, and its standard error."""

    count: int
    bits: float
    error: float | None
    bound: float | None = None
    unit: str = "bits/dim"


def mean_of(entries: tuple[Entry, ...] | list[Entry]) -> Mean | None:
    """Return the mean over what is measured, or None."""
    found = [entry.measured for entry in entries if entry.measured is not None]
    if not found:
        return None
    count, bits = len(found), [each.bits for each in found]
    mean = sum(bits) / count
    spread = sum((value - mean) ** 2 for value in bits)
    error = sqrt(spread / (count - 1) / count) if count > 1 else None
    bounds = [each.bound for each in found if each.bound is not None]
    bound = sum(bounds) / len(bounds) if bounds else None
    return Mean(count, mean, error, bound, found[0].unit)
