"""Schedules that were fitted to a model, kept under the hash of its file."""

import contextlib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError

from studio.atomic import write_atomically
from studio.diffusion.knob import Value
from studio.diffusion.levels import levels_text
from studio.library.errors import disk_error
from studio.library.fields import Identifier, Knobs, Level, Text
from studio.library.untrusted import read_json

MAX_JSON = 4_000_000
FOLDER = "fitted"

_Error = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Fit(BaseModel):
    """A list of σ for one solver and number of steps, and what it is worth.

    `error` is the root mean square distance of the solver's end points from the reference on noise
    that the fit has not seen; `public_error` is the least that `public`, a sampler and schedule
    that everybody has, reaches there with as many evaluations.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    sampler: Identifier
    knobs: Knobs = Field(default_factory=dict)
    steps: Annotated[int, Strict(), Field(ge=1, le=10_000)]
    sigmas: Annotated[tuple[Level, ...], Field(min_length=2, max_length=10_001)]
    error: _Error
    public_error: _Error
    public: Text

    @property
    def better(self) -> bool:
        """Tell whether the fit beats the best public schedule at its cost."""
        return self.error < self.public_error

    @property
    def levels(self) -> str:
        """Return the nonzero levels as the text of a custom schedule."""
        return levels_text(self.sigmas)


class _File(BaseModel):
    fits: Annotated[tuple[Fit, ...], Field(max_length=10_000)] = ()


class Fits:
    """Every fit of one model; `sha256` is the hash of its file, `root` the folder of all fits."""

    def __init__(self, root: Path, sha256: str) -> None:
        self.sha256 = sha256
        self._path = root / FOLDER / f"{sha256}.json"
        self._fits = _read(self._path)

    def __len__(self) -> int:
        return len(self._fits)

    def find(
        self, sampler: str, knobs: dict[str, Value], steps: int, sigma_max: float | None = None
    ) -> Fit | None:
        """Return the fit for a solver and its steps, or None.

        sigma_max: where the list has to begin; None for anywhere.
        """
        return next(
            (
                fit
                for fit in self._fits
                if (fit.sampler, fit.knobs, fit.steps) == (sampler, knobs, steps)
                and sigma_max in (None, fit.sigmas[0])
            ),
            None,
        )

    def add(self, fit: Fit) -> None:
        """Keep a fit in place of an earlier one for the same solver, steps and σ_max.

        Raises:
            LibraryError: the file cannot be written.
        """
        self._fits = (*(other for other in _read(self._path) if not _same(other, fit)), fit)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            text = _File(fits=self._fits).model_dump_json(indent=1)
            write_atomically(self._path, text.encode())
        except OSError as error:
            raise disk_error("fitted schedule", self._path.parent, error) from error


def _same(a: Fit, b: Fit) -> bool:
    places = ((f.sampler, f.knobs, f.steps, f.sigmas[0]) for f in (a, b))
    return next(places) == next(places)


def _read(path: Path) -> tuple[Fit, ...]:
    with contextlib.suppress(OSError, ValueError, ValidationError):
        return _File.model_validate(read_json(path.read_bytes(), MAX_JSON)).fits
    return ()
