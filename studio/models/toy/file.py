"""What a toy model's file says: a distribution of points in the plane, as JSON."""

from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, RootModel, ValidationError, model_validator

from studio.models.card import Card, Line, complaint
from studio.models.errors import ModelError

FORMAT = "elucidate-toy"
SUFFIX = ".toy.json"
MOST_COMPONENTS = 5_000
MOST_CLASSES = 64
LIMIT = 4 << 20
"""Bytes that a file may have."""

_FAR = 1_000.0
_Place = Annotated[float, Field(ge=-_FAR, le=_FAR, allow_inf_nan=False)]
_Width = Annotated[float, Field(ge=0, le=_FAR, allow_inf_nan=False)]
_Weight = Annotated[float, Field(gt=0, le=1e12, allow_inf_nan=False)]
_Square = Annotated[float, Field(ge=-(_FAR**2), le=_FAR**2, allow_inf_nan=False)]
_Places = Annotated[
    tuple[tuple[_Place, _Place], ...], Field(min_length=1, max_length=MOST_COMPONENTS)
]
_Many = Field(max_length=MOST_COMPONENTS)
_Label = Annotated[int, Field(ge=0, lt=MOST_CLASSES)]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Hold the Gaussians of a distribution, those of a class in one run.

    weights: (K,), their sum is 1; means: (K, 2); covariances: (K, 3), as xx, xy, yy;
    labels: (K,), the class of each, all 0 where there are no classes.
    """

    weights: Array
    means: Array
    covariances: Array
    labels: NDArray[np.int64]

    @property
    def deviation(self) -> float:
        """Return σ_data: the standard deviation about the mean, over both coordinates."""
        apart = self.means - self.weights @ self.means
        spread = self.covariances[:, [0, 2]]
        return float(sqrt((self.weights @ (apart**2 + spread)).mean()))

    @property
    def window(self) -> tuple[float, float, float, float]:
        """Return left, bottom, right and top of what holds all but a trace of the data."""
        reach = 3 * np.sqrt(self.covariances[:, [0, 2]])
        low, high = (self.means - reach).min(axis=0), (self.means + reach).max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


class _Toy(Card):
    """Hold what every kind of toy has; an entry that is not known is a mistake."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    format: Literal["elucidate-toy"] = "elucidate-toy"
    version: Literal[1] = 1
    classes: Annotated[tuple[Line, ...], Field(max_length=MOST_CLASSES)] = ()
    labels: Annotated[tuple[_Label, ...], _Many] = ()

    def _check_labels(self, count: int) -> None:
        if bool(self.classes) != bool(self.labels):
            raise ValueError("classes and labels go together: give both or neither")
        if self.labels and len(self.labels) != count:
            raise ValueError(f"{len(self.labels)} labels for {count} places")
        missing = set(range(len(self.classes))) - set(self.labels)
        if missing:
            raise ValueError(f"the class “{self.classes[min(missing)]}” has nothing in it")
        if self.labels and max(self.labels) >= len(self.classes):
            raise ValueError(f"label {max(self.labels)}, but there are {len(self.classes)} classes")

    def _sorted(self, weights: Array, means: Array, covariances: Array) -> Components:
        labels = np.array(self.labels or (0,) * len(means), dtype=np.int64)
        order = np.argsort(labels, kind="stable")
        shares = weights[order] / weights.sum()
        return Components(shares, means[order], covariances[order], labels[order])


class MixtureFile(_Toy):
    """Describe a mixture of Gaussians.

    The shape is one `width` for all, `widths` for each, or `covariances` as (xx, xy, yy).
    Without `weights` all weigh the same.
    """

    kind: Literal["mixture"]
    means: _Places
    weights: Annotated[tuple[_Weight, ...], _Many] = ()
    width: _Width | None = None
    widths: Annotated[tuple[_Width, ...], _Many] = ()
    covariances: Annotated[tuple[tuple[_Square, _Square, _Square], ...], _Many] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        count = len(self.means)
        if (self.width is not None) + bool(self.widths) + bool(self.covariances) != 1:
            raise ValueError("give exactly one of width, widths and covariances")
        for name in ("weights", "widths", "covariances"):
            if len(getattr(self, name)) not in (0, count):
                raise ValueError(f"{len(getattr(self, name))} {name} for {count} means")
        for place, (xx, xy, yy) in enumerate(self.covariances):
            if xx < 0 or yy < 0 or xy * xy > xx * yy * (1 + 1e-12):
                raise ValueError(f"covariance {place} is none: it is not positive semidefinite")
        self._check_labels(count)
        return self

    @property
    def family(self) -> str:
        """Return what to call such a model."""
        return "Gaussian mixture"

    def components(self) -> Components:
        """Return the Gaussians."""
        count = len(self.means)
        widths = np.array(self.widths or (self.width or 0.0,) * count) ** 2
        round_ones = np.stack([widths, 0 * widths, widths], axis=1)
        shapes = np.array(self.covariances) if self.covariances else round_ones
        return self._sorted(np.array(self.weights or (1.0,) * count), np.array(self.means), shapes)


class PointsFile(_Toy):
    """Describe a set of points, each blurred by a Gaussian of standard deviation `width`."""

    kind: Literal["points"]
    points: _Places
    width: _Width = 0.0

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._check_labels(len(self.points))
        return self

    @property
    def family(self) -> str:
        """Return what to call such a model."""
        return "Points" if not self.width else "Blurred points"

    def components(self) -> Components:
        """Return one Gaussian of the same width and weight for every point."""
        count, square = len(self.points), self.width**2
        shapes = np.tile([square, 0.0, square], (count, 1))
        return self._sorted(np.ones(count), np.array(self.points), shapes)


ToyFile = MixtureFile | PointsFile


class _AnyToy(RootModel[Annotated[ToyFile, Field(discriminator="kind")]]):
    pass


def is_toy(path: Path) -> bool:
    """Tell whether a file is JSON that calls itself a toy model, sound or not."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
        if not start.startswith(b"{"):
            return False
        file.seek(0)
        return f'"{FORMAT}"'.encode() in file.read(LIMIT)


def read_toy(path: Path) -> ToyFile:
    """Return what the file at `path` says.

    Raises:
        ModelError: it is too large, damaged, or describes no distribution.
    """
    if path.stat().st_size > LIMIT:
        raise ModelError(
            f"“{path.name}” has {path.stat().st_size / 1e6:.0f} MB, where {LIMIT / 1e6:.0f} are "
            f"plenty for {MOST_COMPONENTS:,} points. Give it fewer points or digits."
        )
    text = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        return _AnyToy.model_validate_json(text).root
    except ValidationError as error:
        raise ModelError(
            f"“{path.name}” describes no distribution in the plane ({complaint(error)}). "
            "Correct it in a text editor, or draw it again."
        ) from error
