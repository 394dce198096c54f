"""Measure the cells of a sweep against a set of pictures and against exact end points."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.diffusion.frechet import frechet_distance, moments
from studio.diffusion.randomness import draws_noise
from studio.engine.cells import fine_recipe
from studio.engine.features import SIDE, Features, pixel_features
from studio.engine.forecast import REFERENCE
from studio.engine.plan import sigma_range
from studio.library import Recipe, Trajectory
from studio.library.frame import FIGURES
from studio.library.sweeps import Piece
from studio.models import ModelInfo, bundled_models, inspect_model

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_PICTURES = 50_000  # of a set, spread over it, as the published distances take


def default_set(info: ModelInfo) -> str:
    """Return the set to measure a model against: its own, or a bundled one of its picture size.

    Empty where there is none.
    """
    if info.reproduces:
        return info.path
    infos = (inspect_model(path) for path in bundled_models())
    return next((i.path for i in infos if i.reproduces and i.shape == info.shape), "")


class FrechetScale:
    """Measure pictures against a set of pictures; an empty path is none."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._fitted: tuple[Features, Any, Any] | None = None
        self._size = (0, 0)

    @property
    def ready(self) -> bool:
        """Tell whether the set has been read, or there is none."""
        return self._fitted is not None or not self._path

    def prepare(self) -> None:
        """Read the set.

        Raises:
            ModelError: it cannot be read.
        """
        self._fitted = self._fit()

    def __call__(self, pictures: "NDArray[np.uint8]") -> float | None:
        """Return the distance of pictures, (N, H, W, 3).

        None where there are fewer than two, or they are smaller than what is looked at of the set.
        """
        if self._fitted is None or len(pictures) < 2:
            return None
        features, mean, cov = self._fitted
        if _looked_at(pictures.shape) != self._size:
            return None
        return frechet_distance(*moments(features(pictures)), mean, cov)

    def _fit(self) -> "tuple[Features, Any, Any]":
        from studio.models.pictures.source import read_pictures

        pixels = read_pictures(Path(self._path)).pixels
        pixels = pixels[:: -(-len(pixels) // MOST_PICTURES)].transpose(0, 2, 3, 1)
        features, self._size = pixel_features(pixels), _looked_at(pixels.shape)
        return features, *moments(features(pixels))


def _looked_at(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the size to which pictures of a shape (N, H, W, 3) are averaged down."""
    return min(shape[1], SIDE), min(shape[2], SIDE)


def exact_recipe(recipe: Recipe, info: ModelInfo) -> Recipe | None:
    """Return what to sample for the exact end points of a filled-in recipe.

    None where it has none, since it draws noise on its way.
    """
    knobs: dict[str, Any] = dict(recipe.knobs)
    if draws_noise(recipe.sampler, recipe.sigmas, **knobs):
        return None
    plain: dict[str, Any] = {"schedule": "karras", "schedule_knobs": {}, "sigma_min": None}
    low, _ = sigma_range(recipe.model_copy(update=plain), info)
    assert low is not None
    return fine_recipe(recipe, REFERENCE, (low, recipe.sigmas[0]))


def squares_apart(
    x: "NDArray[np.floating]", exact: "NDArray[np.floating]"
) -> "NDArray[np.floating]":
    """Return the mean square distance of each picture of x: (B, C, H, W) from the exact one."""
    squares: NDArray[np.floating] = np.square(x - exact).reshape(len(x), -1).mean(axis=1)
    return squares


def local_errors(trajectory: Trajectory) -> "NDArray[np.floating] | None":
    """Return the median over the steps of the local error of each picture, (B,), or None."""
    found = [error for error in trajectory.errors if error is not None]
    return np.median(np.stack(found).astype(np.float64), axis=0) if found else None


def measures_of(piece: Piece) -> dict[str, float]:
    """Return what a cell says of itself without a look at its pictures."""
    found = {}
    if piece.squares is not None:
        found["error"] = float(np.sqrt(piece.squares.mean()))
    if piece.local is not None and np.isfinite(piece.local).any():
        found["local_error"] = float(np.nanmedian(piece.local))
    for name in FIGURES:
        rows = getattr(piece, name)
        if rows is not None:
            found[name] = max(0.0, float(rows.mean()))  # records hold no figures below 0
    return found
