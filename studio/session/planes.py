"""Planar takes outside the window: their films, and what is seen of them as a small picture."""

from collections.abc import Callable, Iterator
from pathlib import Path

from studio.library import Recipe, Trajectory, plane
from studio.library.export.plane_film import Ground, PlaneFilm
from studio.library.plane import Pixels, Window
from studio.library.track import Track
from studio.models import ModelError, ModelInfo, inspect_model
from studio.session.modeldesk import located

GLIMPSE = 56
"""Pixels of the picture of a step in the filmstrip and among the takes."""


def is_planar(frames: Trajectory) -> bool:
    """Tell whether the states of a trajectory are points in the plane."""
    return plane.is_planar(frames.shape)


def planar_info(recipe: Recipe) -> ModelInfo | None:
    """Return the facts about a recipe's model if it works in the plane and is still there."""
    path = located(recipe.model.path)
    try:
        info = inspect_model(path) if path else None
    except ModelError:
        return None
    return info if info is not None and info.planar else None


def glimpse(frames: Trajectory, index: int, which: int, info: ModelInfo | None = None) -> Pixels:
    """Return a small picture of a step, (H, W, 3) uint8: that of one seed, or of all points.

    info: that of a planar model tells which part of the plane to show.
    """
    if not is_planar(frames):
        picture: Pixels = frames.preview(index, slice(which, which + 1))[0]
        return picture
    points = plane.points_of(frames.estimate(index))
    window = window_of(info, frames)
    ground = plane.dots(points, window, plane.paper(GLIMPSE), plane.ESTIMATE, radius=0.9, ink=0.75)
    return plane.dots(points[which : which + 1], window, ground, plane.BRIGHT, radius=2.0)


def window_of(info: ModelInfo | None, frames: Trajectory) -> Window:
    """Return the part of the plane that holds a model's data, or else the newest estimates."""
    if info is not None and info.window is not None:
        return Window.around(info.window, info.sigma_data)
    if not len(frames):
        return Window(0.0, 0.0, 1.5)
    points = plane.points_of(frames.estimate(-1))
    (left, bottom), (right, top) = points.min(axis=0), points.max(axis=0)
    return Window.around((float(left), float(bottom), float(right), float(top)), 0.5)


def plane_pictures(
    recipe: Recipe, frames: Trajectory, view: str, lit: int | None, side: int
) -> Iterator[Pixels]:
    """Yield the picture (side, side, 3) of every step; without its model, bare of the density."""
    info = planar_info(recipe)
    window, sigma_data = window_of(info, frames), info.sigma_data if info is not None else 0.5
    ground = _ground(located(recipe.model.path)) if info is not None else None
    film = PlaneFilm(Track(frames), window, sigma_data, side, ground=ground, lit=lit)
    for step in range(len(frames)):
        yield film.picture(step, view)


def _ground(path: str) -> Ground:
    import torch

    from studio.models.open import load_model

    model = load_model(Path(path), "cpu")
    log_density: Callable[..., torch.Tensor] = model.log_density  # type: ignore[attr-defined]

    def ground(points: plane.Floats, sigma: float) -> plane.Floats:
        found: plane.Floats = log_density(torch.from_numpy(points), sigma).numpy()
        return found

    return ground
