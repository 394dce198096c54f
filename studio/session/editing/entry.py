"""A picture in the list of those that are measured, and what was found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

from studio.session.editing.subjects import Subject

Term = tuple[float, float]
"""One term of Ho's bound: σ of its level, and its bits per dimension."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured of one picture.

    `bits` are bits per dimension, `error` their standard error over the repeats (None: one repeat).
    `bound` is Ho's variational bound and `terms` what each level adds to it.
    """

    bits: float
    error: float | None
    nfe: int
    seconds: float
    bound: float | None = None
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: its picture, what was found, or why nothing can be."""

    subject: Subject
    measured: Found | None = None
    problem: str = ""

    def with_found(self, found: Found) -> Entry:
        """Return the row with what was measured."""
        return replace(self, measured=found, problem="")

    def without(self) -> Entry:
        """Return the row as it was before it was measured."""
        return replace(self, measured=None, problem="")


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean over the rows that are measured: of how many, and its standard error."""

    count: int
    bits: float
    error: float | None
    bound: float | None = None


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
    return Mean(count, mean, error, sum(bounds) / len(bounds) if bounds else None)
