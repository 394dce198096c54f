"""Read the trajectory that is shown: what is measured of it, and the pictures made of its steps."""

from collections.abc import Callable
from dataclasses import replace
from math import prod

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.background import Background
from studio.library import Trajectory
from studio.library.lineage import changes_said
from studio.library.measures import Against, Along
from studio.preferences import ReadingChoice
from studio.session.reading.darkroom import Darkroom
from studio.session.reading.figures import MEASURES, Lines, recorded
from studio.session.reading.onion import onion
from studio.session.reading.opposite import Opposite
from studio.session.reading.prints import (
    Other,
    Pair,
    Print,
    difference_print,
    noise_pair,
    settling_print,
    step_pair,
    take_pair,
    unlike,
)
from studio.session.reading.walker import Walker
from studio.session.sampling import Shown
from studio.session.shelf import Shelf
from studio.session.views import at_size, view

QUIET_MS = 250
"""A run that has not come further for so long is measured against its newest picture."""
_GROWTH = 9 / 8
"""By how much a run must have grown to be measured anew while it goes on: 9 n reads in all."""
_RANGE = 2.0  # of a picture, from -1 to 1
_NO_OTHER = "No other take yet: choose one with “Compare with…”."


class Reading(QObject):
    """Answer what the views and the plot ask of the trajectory that is shown."""

    grown = Signal()
    """The measures have come further."""
    renewed = Signal()
    """What is seen of a step has changed: another take, another choice, a map that is ready."""
    mapped = Signal()
    """The map of what settles when is ready, or ready anew."""
    choice_changed = Signal(object)
    """The person's choice is another one: a ReadingChoice."""
    failed = Signal(object)
    """Something could not be read: a Fault."""

    def __init__(self, shelf: Shelf, choice: ReadingChoice, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.choice = choice
        self.pinned: int | None = None
        self._shown: Shown | None = None
        self._background = Background(self)
        self._along = Walker(self._background, self)
        self._against = Walker(self._background, self)
        self._ready: Against | None = None  # the newest walk that came to its end
        self.opposite = Opposite(shelf, self)
        self._darkroom = Darkroom(self)
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self._measure_anew)
        self._along.came_further.connect(self.grown)
        self._against.came_further.connect(self._on_came_further)
        self.opposite.changed.connect(self.renewed)
        for part in (self._along, self._against, self._darkroom):
            part.failed.connect(self.failed)

    # What is read

    def follow(self, shown: Shown, parent: str | None = None) -> None:
        """Read this run or take from now on; `parent`: the id of the take it branched from."""
        before, self._shown = self._shown, shown
        if before is None or before.trajectory is not shown.trajectory:
            self.pinned = None
            self._quiet.stop()
            self._darkroom.forget()
            self._along.begin(None)
            self._against.begin(None)
            self._ready = None
        self.opposite.follow(shown.id, parent, stored=shown.stored)

    def choose(self, **changes: object) -> None:
        """Change how trajectories are read."""
        choice = self.choice.changed(**changes)
        if choice != self.choice:
            self.choice = choice
            self.choice_changed.emit(choice)
            self.renewed.emit()

    def pin(self, step: int | None) -> None:
        """Keep a step as side A of the A/B line; None for the newest."""
        self.pinned = step
        self.renewed.emit()

    @property
    def frames(self) -> Trajectory | None:
        """Return the trajectory that is read, if it has a step."""
        frames = self._shown.trajectory if self._shown is not None else None
        return frames if frames is not None and len(frames) else None

    # Measures

    def lines(self, measure: str) -> Lines:
        """Return a measure as far as it is known, (steps, B), and see to the rest of it.

        `measure`: an id of MEASURES, or "change".
        """
        frames = self.frames
        if frames is None:
            return np.zeros((0, 0))
        source = MEASURES[measure].source if measure in MEASURES else ""
        if source == "along":
            walk = self._walk_along(frames)
            known = walk.norms if measure == "noise" else walk.cosines
            return np.array(known[: walk.place]).reshape(-1, frames.shape[0])
        if source == "against":
            against = self._walk_against(frames)
            return np.array(against.distances).reshape(-1, frames.shape[0])
        return recorded(measure, frames)

    def _walk_along(self, frames: Trajectory) -> Along:
        walk = self._along.walk
        if not isinstance(walk, Along):
            walk = Along(frames)
            self._along.begin(walk)
        else:
            self._along.go_on()
        return walk

    def _walk_against(self, frames: Trajectory) -> Against:
        """Return the newest walk to a final picture, and begin another where that is another."""
        walk = self._against.walk
        if not isinstance(walk, Against):
            walk = self._begin_against(frames)
        elif not self._is_current(walk, frames):
            if walk.place >= walk.end and len(frames) >= _GROWTH * walk.end:
                walk = self._begin_against(frames)
            else:
                self._quiet.start()
        return self._ready or walk

    def _begin_against(self, frames: Trajectory) -> Against:
        walk = Against(frames, len(frames), _RANGE * self.choice.tolerance)
        self._against.begin(walk)
        return walk

    def _is_current(self, walk: Against, frames: Trajectory) -> bool:
        return walk.end == len(frames) and walk.tolerance == _RANGE * self.choice.tolerance

    def _measure_anew(self) -> None:
        frames, walk = self.frames, self._against.walk
        if frames is not None and isinstance(walk, Against) and not self._is_current(walk, frames):
            self._begin_against(frames)

    def _on_came_further(self) -> None:
        walk = self._against.walk
        if isinstance(walk, Against) and walk.place >= walk.end:
            self._ready = walk
            self.mapped.emit()
        self.grown.emit()

    # Pictures

    def develop(self, kind: str, index: int, then: Callable[[Print], None]) -> None:
        """Call `then` with the pictures of a step, at once where they are few and small."""
        frames = self.frames
        if frames is not None:
            work = self.work(kind, index)
            self._darkroom.develop(work, then, prod(frames.shape))

    def work(self, kind: str, index: int) -> Callable[[], Print]:
        """Return what makes the pictures of a step; it may be called in any thread."""
        frames, choice = self.frames, self.choice
        assert frames is not None and self._shown is not None
        if kind == "diff":
            return self._difference_work(frames, index)
        if kind == "settle":
            return self._settling_work(frames)
        if kind in ("x0", "ab"):
            if choice.onion and kind == "x0":
                args = (choice.onion_before, choice.onion_after, choice.onion_opacity)
                return lambda: Print(onion(frames, index, *args))
            return lambda: Print(frames.preview(index))
        return lambda: Print(view(frames, index, kind))

    def _difference_work(self, frames: Trajectory, index: int) -> Callable[[], Print]:
        other, problem = self._other(frames)
        if other is None or self._shown is None:
            return lambda: Print(None, problem=problem)
        seeds, kind = self._shown.recipe.seeds, self.choice.difference
        return lambda: _sized(difference_print(frames, index, seeds, other, kind), frames)

    def _settling_work(self, frames: Trajectory) -> Callable[[], Print]:
        self._walk_against(frames)
        walk = self._ready
        if walk is None:
            return lambda: Print(None, problem="Looking through the steps…")
        return lambda: _sized(settling_print(walk.settled, frames.sigmas[: walk.end]), frames)

    def _other(self, frames: Trajectory) -> tuple[Other | None, str]:
        opposite = self.opposite
        opposite.need()
        if opposite.problem or not opposite.id:
            return None, opposite.problem or _NO_OTHER
        if opposite.take is None or opposite.frames is None or not len(opposite.frames):
            return None, "Opening the other take…"
        problem = unlike(frames, opposite.frames)
        other = Other(opposite.frames, opposite.take.recipe.seeds)
        return (None, problem) if problem else (other, "")

    def pair(self, index: int, picture: int) -> Pair | str:
        """Return both sides of the A/B line for one picture, or why there are none."""
        frames, kind = self.frames, self.choice.pair
        if frames is None or self._shown is None:
            return "Nothing to compare yet: generate something first."
        if kind == "noise":
            return noise_pair(frames, index, picture)
        if kind == "steps":
            a = len(frames) - 1 if self.pinned is None else min(self.pinned, len(frames) - 1)
            return step_pair(frames, a, index, picture)
        other, problem = self._other(frames)
        if other is None:
            return problem
        seeds, name = self._shown.recipe.seeds, self.other_name
        return take_pair(frames, index, seeds, other, picture=picture, name=name) or (
            "The other take has no picture of this seed."
        )

    @property
    def other_name(self) -> str:
        """Return what made the take that is compared with, or of a branch what it changed."""
        take = self.opposite.take
        if take is None:
            return ""
        changes = changes_said(take.recipe) if take.parent else ()
        return f"branch {changes[-1]}" if changes else take.recipe.summary()

    def close(self) -> None:
        """End the threads, without waiting for what is being read."""
        self._quiet.stop()
        self._along.begin(None)
        self._against.begin(None)
        self._darkroom.close()
        self._background.close(drop=True)


def _sized(made: Print, frames: Trajectory) -> Print:
    """Return a map over latents at the size of the pictures."""
    if made.pixels is None:
        return made
    return replace(made, pixels=at_size(made.pixels, frames.size))
