"""A table of likelihoods on the disk that grows with every result, so that none is lost."""

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from studio.engine.errands.results import Measured
from studio.library import LibraryError

COLUMNS = (
    *("name", "bits_per_dim", "standard_error", "bound", "bound_error", "nats", "dims"),
    *("unit", "truth", "evaluations", "seconds", "repeats", "remark"),
)
TERMS = ("name", "kind", "sigma", "bits_per_dim")


class Report:
    """Append results to a new CSV, and the terms of their bounds to one beside it.

    Raises:
        LibraryError: a file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.terms = path.with_name(f"{path.stem}-terms.csv")
        self._with_terms = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_line(COLUMNS), encoding="utf-8")
        except OSError as error:
            raise LibraryError(f"“{path}” cannot be written: {error.strerror}.") from error

    def write(self, found: Measured) -> None:
        """Add a line, and let it reach the disk before this returns."""
        _append(self.path, _line(_row(found)))
        if found.terms:
            head = "" if self._with_terms else _line(TERMS)
            if not self._with_terms:
                self.terms.unlink(missing_ok=True)
            lines = (_line((found.name, t.kind, repr(t.sigma), repr(t.bits))) for t in found.terms)
            _append(self.terms, head + "".join(lines))
            self._with_terms = True


def _row(found: Measured) -> tuple[str, ...]:
    numbers = (found.bits, found.error, found.bound, found.bound_error, found.nats)
    return (
        found.name,
        *("" if number is None else repr(number) for number in numbers),
        str(found.dims),
        found.unit,
        "" if found.truth is None else repr(found.truth),
        str(found.nfe),
        f"{found.seconds:.3f}",
        " ".join(map(repr, found.repeats)),
        found.remark,
    )


def _line(values: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(values)
    return buffer.getvalue()


def _append(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise LibraryError(f"“{path}” cannot be written: {error.strerror}.") from error
