"""Take what is shown out of the studio: as a film, a filmstrip, a table or a script."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import Signal

from studio.library import LibraryError, Recipe, Trajectory
from studio.library.export.film import write_film
from studio.library.export.scene import Look, Pixels, scene
from studio.library.export.script import script
from studio.library.export.strip import strip
from studio.library.export.table import steps_csv
from studio.library.writing import write_file
from studio.session.errand import Errand, Tell
from studio.session.planes import is_planar, planar_info, plane_pictures
from studio.session.sampling import Shown
from studio.session.views import view

KINDS = {
    ".mp4": "MP4 film",
    ".gif": "GIF film",
    ".png": "Filmstrip (PNG)",
    ".csv": "Table of the steps (CSV)",
    ".py": "Python script",
}
FILMS = (".mp4", ".gif")
STRIP = ".png"


@dataclass(frozen=True, slots=True)
class Wish:
    """How something is to be exported: one picture of the batch or all, what is seen of each step.

    `per_second` counts steps of a film.
    """

    picture: int | None = None
    view: str = "x0"
    per_second: float = 10.0
    look: Look = field(default_factory=Look)


class _Cancelled(Exception):  # noqa: N818 - nothing went wrong
    pass


def export(
    shown: Shown,
    path: Path,
    wish: Wish | None = None,
    tell: Tell = lambda _done, _total: True,
) -> bool:
    """Write what is shown as the ending of `path` asks for; return False if it was cancelled.

    `tell(done, total)` hears of every step of a film or filmstrip; where it returns False, nothing
    is written.

    Raises:
        LibraryError: the file cannot be written, the ending is unknown, or the steps are gone.
    """
    kind, wish = path.suffix.lower(), wish or Wish()
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise LibraryError(f"“{path.name}” has no ending that can be exported. Give it: {known}.")
    if kind == ".py":
        write_file(path, script(shown.recipe, planar=_in_the_plane(shown)).encode(), "file")
        return True
    frames = shown.trajectory
    if frames is None or not len(frames):
        raise LibraryError("The steps of this take are gone: only a script can be made of it.")
    if kind == ".csv":
        write_file(path, steps_csv(shown.recipe, frames).encode(), "file")
        return True
    try:
        if kind == STRIP:
            _write_strip(shown, frames, path, wish, tell)
        else:
            write_film(path, _scenes(shown, frames, wish, tell), wish.per_second)
    except _Cancelled:
        return False
    return True


def _write_strip(shown: Shown, frames: Trajectory, path: Path, wish: Wish, tell: Tell) -> None:
    chosen = range(len(shown.recipe.seeds)) if wish.picture is None else [wish.picture]
    names = [f"seed {shown.recipe.seeds[index]}" for index in chosen]
    if is_planar(frames) and wish.picture is None:
        names = ["all points"]
    pictures, levels = _batches(shown, frames, wish, tell), frames.sigmas[: len(frames)]
    sheet = strip(pictures, levels, names, words=wish.look.words)
    write_file(path, lambda file: sheet.save(file, "PNG"), "filmstrip")


def _batches(shown: Shown, frames: Trajectory, wish: Wish, tell: Tell) -> Iterator[Pixels]:
    total = len(frames)
    for step, pictures in enumerate(_pictures(shown, frames, wish)):
        if not tell(step, total):
            raise _Cancelled
        yield pictures


def _scenes(shown: Shown, frames: Trajectory, wish: Wish, tell: Tell) -> Iterator[Pixels]:
    total, way = len(frames), shown.levels
    for step, chosen in enumerate(_batches(shown, frames, wish, tell)):
        words = f"step {step + 1} / {total} · σ {frames.sigmas[step]:.3g}"
        yield scene(chosen, words, way, step, wish.look)


def _pictures(shown: Shown, frames: Trajectory, wish: Wish) -> Iterator[Pixels]:
    """Yield the pictures (N, H, W, 3) of every step; of points, one picture with the chosen lit."""
    if is_planar(frames):
        side = wish.look.side
        for pixels in plane_pictures(shown.recipe, frames, wish.view, wish.picture, side):
            yield pixels[None]
        return
    one = slice(None) if wish.picture is None else slice(wish.picture, wish.picture + 1)
    for step in range(len(frames)):
        yield view(frames, step, wish.view)[one]


def _in_the_plane(shown: Shown) -> bool:
    if shown.trajectory is not None:
        return is_planar(shown.trajectory)
    return planar_info(shown.recipe) is not None


def suggested_name(recipe: Recipe, wish: Wish) -> str:
    """Return a name for the file, without its ending."""
    seed = recipe.seeds[wish.picture or 0]
    return f"seed{seed}-{recipe.sampler}-{len(recipe.sigmas) - 1}"


class Exporting(Errand):
    """Export what is shown, one thing after another; no file is left where it is cancelled."""

    ended = Signal(object)  # the Path that was written, or None where it was cancelled
    unit = "steps"

    def start(self, shown: Shown, path: Path, wish: Wish) -> None:
        """Export what is shown."""
        self._run(
            "Exporting",
            lambda tell: path if export(shown, path, wish, tell) else None,
            self.ended.emit,
        )
