"""Follow a run or a take: it joins the canvas, the timeline and the plots over one trajectory."""

import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.job import Progress
from studio.library import Recipe, Trajectory
from studio.session.planes import glimpse, is_planar
from studio.session.reading.prints import Print
from studio.session.reading.reading import Reading
from studio.session.sampling import Shown
from studio.ui.canvas import INVITATION, Canvas
from studio.ui.peek import Peek
from studio.ui.pictures import read_pictures, to_pixels
from studio.ui.plots import Plots
from studio.ui.timeline import Timeline
from studio.ui.view_switch import VIEWS

if TYPE_CHECKING:
    import numpy as np

LOADING_SECONDS = 0.008
_KNOWN = frozenset(view[0] for view in VIEWS)


class Viewer(QObject):
    """Hold the step, the picture and the view that are looked at, and show them everywhere."""

    looked_at = Signal(int)
    """Another step is looked at: its index."""
    printed = Signal(object)
    """The canvas shows this Print; None for pictures that are no steps, or none."""
    view_changed = Signal(str)
    """Another view is shown: its id."""
    followed_changed = Signal()
    """Another picture is followed."""

    def __init__(
        self,
        canvas: Canvas,
        timeline: Timeline,
        reading: Reading,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._reading = reading
        self._print: tuple[Print, int, str] | None = None  # with its step and view
        self._rest = -1  # the step to come back to once the mouse has left
        self.peek = Peek(self)
        self.peek.began.connect(self._on_peek)
        self.peek.ended.connect(self._on_peek_ended)
        self._canvas = canvas
        self._timeline = timeline
        self._shown: Shown | None = None
        self._grows = False  # where nobody knows how many steps there will be
        self._reached = self._count = 0
        self._bare: deque[int] = deque()  # steps whose thumbnails are still to be loaded
        self._loading = QTimer(self, singleShot=True, interval=0)
        self._loading.timeout.connect(self._load_thumbnails)
        self.view = "x0"
        self.followed = 0
        self.index = -1
        self._was_planar = False
        canvas.followed.connect(self._on_followed)
        canvas.view_changed.connect(self.set_view)
        canvas.plane.model_known.connect(self._renew_thumbnails)
        timeline.step_chosen.connect(self._on_chosen)
        timeline.filmstrip.step_chosen.connect(lambda _step: self._stay())
        timeline.filmstrip.step_hovered.connect(self._on_hovered)
        reading.renewed.connect(self._develop)
        reading.mapped.connect(self._on_mapped)
        self.plots = Plots(reading, self)
        self.plots.step_chosen.connect(self._choose)
        self.plots.step_hovered.connect(self._on_hovered)

    @property
    def trajectory(self) -> Trajectory | None:
        """Return the trajectory that is looked at."""
        return self._shown.trajectory if self._shown is not None else None

    @property
    def in_step(self) -> bool:
        """Tell whether what is read is what is looked at; a moment before, it is the next take."""
        return self.trajectory is not None and self._reading.frames is self.trajectory

    @property
    def planar(self) -> bool:
        """Tell whether points in the plane are looked at, not pictures."""
        frames = self.trajectory
        return frames is not None and len(frames) > 0 and is_planar(frames)

    @property
    def recipe(self) -> Recipe | None:
        """Return the recipe of what is looked at."""
        return self._shown.recipe if self._shown is not None else None

    def show(self, shown: Shown) -> None:
        """Look at another run or take, at its newest step."""
        if self._shown is not None and self._shown.trajectory is shown.trajectory is not None:
            self._show_again(shown)
            return
        self._shown = shown
        self._grows = shown.trajectory is not None and shown.trajectory.total is None
        self._reached = 0
        self._bare.clear()
        self._stay()
        self.index = -1
        self._print = None
        count = len(shown.recipe.seeds)
        if self._count not in (0, count):
            self._clear()
        self._count = count
        self.followed = min(self.followed, count - 1)
        self._canvas.set_captions(_captions(shown.recipe))
        self._timeline.set_total(max(1, len(shown.levels) - 1))
        self._name_followed()
        self.plots.follow(self.followed)
        self.plots.mark(-1)
        self.plots.show(shown)
        if shown.trajectory is None:
            self._show_files(shown.pictures)
        self._catch_up()

    def _show_again(self, shown: Shown) -> None:
        """Look at the same run, which may lead elsewhere from now on."""
        before, self._shown = self._shown, shown
        if before is not None and before.recipe.segments != shown.recipe.segments:
            self._timeline.set_length(max(1, len(shown.levels) - 1))
            self.plots.show(shown)

    def _show_files(self, pictures: Sequence[Path]) -> None:
        """Show the pictures of a take whose steps are gone."""
        self._turn_to_kind()
        if pictures:
            self._canvas.set_pictures(read_pictures(pictures))
        else:
            self._clear()
        self.printed.emit(None)
        self._canvas.set_status("")
        self._timeline.clear_thumbnails()

    def show_progress(self, progress: Progress) -> None:
        """Take in the steps that have come since."""
        self._catch_up()

    def show_end(self) -> None:
        """Look at the last step again: its picture may have become the finished one."""
        frames = self.trajectory
        last = -1 if frames is None else len(frames) - 1
        if last >= 0:
            self._catch_up()
            self._bare.append(last)
            self._load_thumbnails()
            if self.index == last and not self.planar:
                self._develop()

    def look_at(self, index: int) -> None:
        """Show the step `index` on the canvas and mark it in timeline and plots."""
        frames = self.trajectory
        if frames is None or len(frames) == 0:
            return
        self.index = max(0, min(index, len(frames) - 1))
        self._timeline.set_current(self.index)
        self._develop()
        self.plots.mark(self.index)
        self.looked_at.emit(self.index)

    def set_view(self, name: str) -> None:
        """Show another view from now on, by its id."""
        self.view = name if name in _KNOWN else "x0"
        self._canvas.set_view(self.view)
        self.view_changed.emit(self.view)
        self.look_at(self.index)

    def choose_view(self, name: str) -> None:
        """Show another view as the person's wish, which is remembered."""
        self._canvas.set_view(name)
        self._canvas.view_changed.emit(name)

    def _develop(self) -> None:
        """Have the pictures of the step made that is looked at; points are shown in the plane."""
        frames, recipe = self.trajectory, self.recipe
        self._turn_to_kind()
        if self.planar and frames is not None and recipe is not None:
            self._canvas.plane.show_step(frames, recipe, max(0, self.index), self.view)
        elif self.in_step and self.index >= 0:
            index, kind = self.index, self.view
            self._reading.develop(kind, index, lambda made: self._on_printed(made, index, kind))

    def _turn_to_kind(self) -> None:
        """Show the plane for points, or the pictures."""
        if self.planar != self._was_planar:
            self._was_planar = self.planar
            self._canvas.show_plane(self.planar)
            self.view_changed.emit(self.view)

    def _on_printed(self, made: Print, index: int, kind: str) -> None:
        self._print = made, index, kind
        if made.pixels is not None:
            self._canvas.set_invitation(*INVITATION)
            self._canvas.set_pictures(made.pixels)
        else:
            self._canvas.set_invitation(made.problem, "")
            self._canvas.clear()
        self.printed.emit(made)

    def _clear(self) -> None:
        self._canvas.set_invitation(*INVITATION)
        self._canvas.clear()

    def _on_mapped(self) -> None:
        if self.view == "settle":
            self._develop()

    @property
    def shows_result(self) -> bool:
        """Tell whether the picture is the one that the recipe makes, and no step towards it."""
        frames, recipe = self.trajectory, self.recipe
        if frames is None or recipe is None or self.view != "x0" or self._reading.choice.onion:
            return False
        last = 0 <= self.index == len(frames) - 1
        return last and frames.sigmas_next[-1] == list(recipe.parts())[-1][1].sigmas[-1]

    def picture(self, index: int | None = None) -> "np.ndarray | None":
        """Return a picture, or the followed one, as the canvas shows it: uint8, (H, W, 3)."""
        frames = self.trajectory
        if frames is None or not self.in_step or self.index < 0:
            return None
        if self.planar:
            return to_pixels(self._canvas.plane.plot.picture())
        made = self._print
        if made is None or made[1:] != (self.index, self.view):  # it is still being made
            made = self._reading.work(self.view, self.index)(), self.index, self.view
        batch = made[0].pixels
        return None if batch is None else batch[self.followed if index is None else index]

    def name_of(self, index: int) -> str:
        """Return a file name for a picture as it is seen, without its ending."""
        recipe = self.recipe
        if recipe is None:
            return "picture"
        name = f"seed{recipe.seeds[index]}-{recipe.sampler}-{recipe.steps}"
        return name if self.shows_result else f"{name}-{self.view}-step{self.index + 1}"

    def _catch_up(self) -> None:
        frames = self.trajectory
        if frames is None:
            return
        done = len(frames)
        if done == self._reached:
            return
        self._bare.extend(range(self._reached, done))
        self._reached = done
        self._load_thumbnails()
        self._timeline.set_reached(done)
        if self.peek.active:  # what is new is seen once the mouse has left
            self._timeline.set_current(self.index)
        self.plots.update_steps()
        if self._grows:
            self.plots.update_schedule()
        if self.index < 0 or (self._timeline.following and not self.peek.active):
            self.look_at(done - 1)

    def _on_followed(self, index: int) -> None:
        if index >= self._count:  # of the batch before, whose pictures are still there
            return
        self.followed = index
        self._name_followed()
        self._renew_thumbnails()
        self.plots.follow(index)
        self.followed_changed.emit()

    def _renew_thumbnails(self) -> None:
        self._bare = deque(range(self._reached))
        self._load_thumbnails()

    # Looks while the mouse is over a step

    def _on_hovered(self, step: int | None) -> None:
        if not self._timeline.player.playing:
            self.peek.hover(step)

    def _on_peek(self, step: int) -> None:
        if self._rest < 0:
            self._rest = self.index
        self.look_at(step)

    def _on_peek_ended(self) -> None:
        rest, self._rest = self._rest, -1
        self.look_at(self._reached - 1 if self._timeline.following else rest)

    def _choose(self, step: int) -> None:
        """Go to a step of a plot that was clicked."""
        self._stay()
        self._timeline.choose(step)

    def _on_chosen(self, step: int) -> None:
        self._stay()
        self.look_at(step)

    def _stay(self) -> None:
        self.peek.keep()
        self._rest = -1

    def _load_thumbnails(self) -> None:
        """Fill the filmstrip for as long as nobody notices, and go on after the next events."""
        frames, end = self.trajectory, time.perf_counter() + LOADING_SECONDS
        while frames is not None and self._bare and time.perf_counter() < end:
            step = self._bare.popleft()
            picture = glimpse(frames, step, self.followed, self._canvas.plane.info)
            self._timeline.set_thumbnail(step, picture)
        if self._bare and not self._loading.isActive():
            self._loading.start()

    def _name_followed(self) -> None:
        recipe = self.recipe
        if recipe is not None:
            self._canvas.set_followed(self.followed)
            self._timeline.set_title(f"Trajectory of seed {recipe.seeds[self.followed]}")


def _thumbnail(frames: Trajectory, step: int, picture: int) -> "np.ndarray":
    pixels: np.ndarray = frames.preview(step, slice(picture, picture + 1))[0]
    return pixels


def _captions(recipe: Recipe) -> Sequence[str]:
    return [f"seed {seed}" for seed in recipe.seeds]
