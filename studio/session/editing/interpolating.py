"""The way between two pictures, or from one class to another, through the noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from PySide6.QtCore import QObject, Signal

from studio.diffusion import Value
from studio.engine.background import Background
from studio.engine.errands.results import Encoded, Frame
from studio.library import Recipe
from studio.library.export.film import write_film
from studio.library.export.scene import Look, scene
from studio.session.editing.base import base_recipe
from studio.session.editing.encoding import encoders
from studio.session.editing.subjects import Pixels, Subject
from studio.session.editing.task_desk import TaskDesk
from studio.session.editing.way_choice import Choice

if TYPE_CHECKING:
    from studio.engine.engine import Engine
    from studio.engine.errands.errand import Errand
    from studio.session.editor import RecipeEditor
    from studio.session.modeldesk import ModelDesk

Latent = NDArray[np.float32]
_Way = tuple[str, str, int, int]
"""How a picture is encoded: by which model, solver, steps and class."""
End = Literal["a", "b"]

PLANAR = (
    "The open model works on points in the plane: there are no pictures to go between. Open a "
    "model of pictures (Ctrl+O)."
)


class InterpolateDesk(TaskDesk):
    """Hold both ends, the choice, and the frames that are done."""

    ends_changed = Signal()
    frames_changed = Signal()
    frame_done = Signal(int)
    exported = Signal(object)  # Path
    previewed = Signal(object)  # x̂₀ of the first frame that is being made: pixels (H, W, 3)

    def __init__(
        self,
        engine: Engine,
        models: ModelDesk,
        editor: RecipeEditor,
        disk: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(engine, models, editor, disk, parent)
        self.choice = Choice()
        self.ends: dict[End, Subject | None] = {"a": None, "b": None}
        self.frames: dict[int, Pixels] = {}
        self.total = 0
        self._noises: dict[tuple[Subject, _Way], Latent] = {}
        self._encoding: list[End] = []  # ends that are being encoded
        self._made = self.choice  # that the frames were made with

    # The ends

    def take_file(self, end: End, path: Path) -> None:
        """Read a picture for one end."""
        self._read(path, partial(self.take, end))

    def take_whole(self, end: End, subject: Subject) -> None:
        """Let a picture of any size be one end."""
        self._fit(subject, partial(self.take, end))

    def take(self, end: End, subject: Subject) -> None:
        """Let a picture be one end; the frames so far are of other ends and are let go."""
        self.ends[end] = subject
        kept = self.ends.values()
        self._noises = {key: noise for key, noise in self._noises.items() if key[0] in kept}
        if subject.remark:
            self.noted.emit(subject.remark)
        self._forget()
        self.ends_changed.emit()
        self.changed.emit()

    def swap(self) -> None:
        """Let both ends change places; the frames that are there are turned round."""
        self.ends = {"a": self.ends["b"], "b": self.ends["a"]}
        self.frames = {self.total - 1 - place: frame for place, frame in self.frames.items()}
        self.ends_changed.emit()
        self.frames_changed.emit()
        self.changed.emit()

    # The choice

    @property
    def choices(self) -> dict[str, Any]:
        """Return what was chosen, to be remembered; classes belong to a model."""
        return self.choice.model_dump(exclude={"label", "origin", "target"})

    def recall(self, choices: Mapping[str, Any]) -> None:
        """Take over what was chosen at an earlier time, if it still means something."""
        with suppress(ValidationError):
            choice = Choice.model_validate(choices)
            if choice.solver in encoders():
                self.choice = choice

    def choose(self, name: str, value: Value) -> None:
        """Set a field of the choice."""
        self.choice = Choice.model_validate({**dict(self.choice), name: value})
        self.changed.emit()

    @property
    def refused(self) -> str:
        """Return why no picture can be taken now, or nothing."""
        return super().problem or (PLANAR if self.info is not None and self.info.planar else "")

    @property
    def problem(self) -> str:
        """Return why nothing can be made now, or nothing."""
        if why := self.refused:
            return why
        info, choice, ends = self.info, self.choice, self.ends
        assert info is not None
        if ends["a"] is None:
            return "Choose picture A first."
        if choice.mode == "between":
            return "" if ends["b"] is not None else "Choose picture B first."
        if len(info.classes) < 2:
            return (
                "The open model has no classes: open one that has (Ctrl+O), or go between A and B."
            )
        return "" if choice.origin != choice.target else "Choose two different classes."

    # The frames

    def start(self) -> None:
        """Make the frames."""
        if not self.problem and not self.running:
            self._made = self.choice
            self._forget(self.choice.frames)
            self._encoding = self._bare
            self._submit(self._next())

    def amount(self, place: int) -> float:
        """Return how far a frame is on the way, from 0 to 1."""
        return place / max(self.total - 1, 1)

    @property
    def title(self) -> str:
        """Return what the frames show: “A to B”, or “monster to weapon”."""
        names = self.info.classes if self.info is not None else ()
        ends = (self._made.origin, self._made.target)
        if self._made.mode == "between" or max(ends) >= len(names):
            return "A to B"
        return " to ".join(names[end] for end in ends)

    def export(self, path: Path, per_second: float, *, back: bool) -> None:
        """Write the frames as a film; with `back` it goes to B and back, so that it loops."""
        frames = [self.frames[place] for place in sorted(self.frames)]
        labels = [self.words(place) for place in sorted(self.frames)]
        self._disk.run(
            lambda: write_film(path, _scenes(frames, labels, back=back), per_second),
            lambda _none: self.exported.emit(path),
            self.failed.emit,
            "Exporting the animation",
        )

    def words(self, place: int) -> str:
        """Return what a frame is in words: “frame 3 / 25 · 8 % of the way”."""
        amount = self.amount(place)
        if self._made.mode == "classes":
            return f"frame {place + 1} / {self.total} · amount {amount * self._made.strength:.2f}"
        return f"frame {place + 1} / {self.total} · {100 * amount:.0f} % of the way"

    def _next(self) -> Errand:
        """Return what is to be done: encode the ends that have no noise, then make the frames."""
        from studio.engine.errands.encoding import Encode

        bare = self._bare
        if bare:
            subjects = tuple(self.ends[end] for end in bare)
            pixels = tuple(s.pixels for s in subjects if s is not None)
            names = tuple(s.name for s in subjects if s is not None)
            return Encode(self._base, pixels, names)
        return self._frames_wish()

    def _frames_wish(self) -> Errand:
        from studio.engine.errands.interpolating import Interpolate, Shift

        made, places = self._made, range(self.total)
        a, b = self._noise_of("a"), self._noise_of("b")
        assert a is not None
        if made.mode == "between":
            assert b is not None
            amounts = tuple(self.amount(place) for place in places)
            return Interpolate(self._base, (a, b), amounts)
        amounts = tuple(made.strength * self.amount(place) for place in places)
        return Shift(self._base, a, made.origin, made.target, amounts, count=made.samples)

    @property
    def _base(self) -> Recipe:
        made = self._made
        return base_recipe(self._editor.recipe, made.solver, made.way_steps, made.label)

    @property
    def _bare(self) -> list[End]:
        """Return the ends that are wanted and have no noise of this model and class yet."""
        wanted: tuple[End, ...] = ("a", "b") if self._made.mode == "between" else ("a",)
        return [end for end in wanted if self._noise_of(end) is None]

    def _noise_of(self, end: End) -> Latent | None:
        """Return the noise of an end: its own, or what it was encoded to in this way."""
        subject, info = self.ends[end], self.info
        if subject is None or info is None:
            return None
        own = subject.latent
        if own is not None and info.takes(own.shape):
            return own
        return self._noises.get((subject, self._way))

    @property
    def _way(self) -> _Way:
        made, path = self._made, self.info.path if self.info is not None else ""
        return path, made.solver, made.way_steps, made.label

    def _found(self, found: Any) -> None:
        if isinstance(found, Encoded):
            end = self._encoding[found.index]
            subject = self.ends[end]
            if subject is not None:
                self._noises[subject, self._way] = found.latent
        elif isinstance(found, Frame):
            self._keep(found.index, found.pixels)

    def _previewed(self, preview: Pixels) -> None:
        self.previewed.emit(preview[0])

    def _goes_on(self) -> bool:
        """Make the frames once the ends are encoded."""
        encoded, self._encoding = bool(self._encoding), []
        if encoded:
            self._submit(self._next())
        return encoded

    def _keep(self, place: int, pixels: Pixels) -> None:
        self.frames[place] = pixels
        self.frame_done.emit(place)

    def _forget(self, total: int = 0) -> None:
        self.stop()
        self.frames, self.total = {}, total
        self.frames_changed.emit()


def _scenes(frames: Sequence[Pixels], words: Sequence[str], *, back: bool) -> Iterator[Pixels]:
    order = list(range(len(frames)))
    order += order[-2:0:-1] if back else []
    for place in order:
        yield scene(frames[place][None], words[place], (), place, Look(plot=False))
