"""A picture that is encoded to noise along the probability-flow ODE, and its round trips."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from studio.diffusion import SAMPLERS, Knob, KnobError, Spec, Value
from studio.diffusion.encoding import cannot_encode
from studio.engine.background import Background
from studio.library import Recipe
from studio.session.editing.base import base_recipe
from studio.session.editing.subjects import Pixels, Subject
from studio.session.editing.task_desk import TaskDesk
from studio.session.editing.trip import Trip

if TYPE_CHECKING:
    from studio.engine.engine import Engine
    from studio.engine.errands.errand import Errand
    from studio.session.editor import RecipeEditor
    from studio.session.modeldesk import ModelDesk

STEPS = Knob(
    "encode_steps",
    "Steps",
    64,
    low=2,
    high=10_000,
    soft=(8, 256),
    log=True,
    help="Steps of each way. The round-trip error falls with their number as fast as the order of "
    "the solver says: by 4 for twice the steps with Heun.",
    source="Karras et al. 2022, section 3",
)
_LEVELS = (0.01, 1.0, 10.0)  # any that rise
NEEDS_PICTURE = "Choose a picture first: open, drop or paste one, or send a take."
PLANAR = (
    "The open model works on points in the plane: there is no picture to encode. Open a model of "
    "pictures (Ctrl+O), or measure the points' likelihood."
)


def encoders() -> Mapping[str, Spec]:
    """Return the solvers that can be followed upward as well as downward at a list of levels."""
    return {
        id: spec
        for id, spec in SAMPLERS.items()
        if not spec.adaptive and not cannot_encode(spec, _LEVELS, spec.values({}))
    }


class EncodeDesk(TaskDesk):
    """Hold the picture, how it is encoded, and what came of it."""

    subject_changed = Signal()
    trips_changed = Signal()
    previewed = Signal(object)  # x̂₀: pixels (H, W, 3)

    def __init__(
        self,
        engine: Engine,
        models: ModelDesk,
        editor: RecipeEditor,
        disk: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(engine, models, editor, disk, parent)
        self.subject: Subject | None = None
        self.solver, self.steps, self.label = "heun", int(STEPS.default), -1
        self.trips: list[Trip] = []
        self.chosen = -1
        self._asked: tuple[Subject | None, str, int, int] = (None, "", 0, -1)

    # The picture

    def take_file(self, path: Path) -> None:
        """Read a picture and encode that from now on."""
        self._read(path, self.take)

    def take_whole(self, subject: Subject) -> None:
        """Encode a picture of any size from now on."""
        self._fit(subject, self.take)

    def take(self, subject: Subject) -> None:
        """Encode a picture from now on; the trips of the one before are forgotten."""
        self.stop()
        self.subject, self.trips, self.chosen = subject, [], -1
        if subject.label is not None:
            self.label = subject.label
        if subject.remark:
            self.noted.emit(subject.remark)
        self.subject_changed.emit()
        self.trips_changed.emit()
        self.changed.emit()

    # How it is encoded

    @property
    def choices(self) -> dict[str, Any]:
        """Return what was chosen, to be remembered."""
        return {"solver": self.solver, "steps": self.steps}

    def recall(self, choices: Mapping[str, Any]) -> None:
        """Take over what was chosen at an earlier time, as far as it still means something."""
        if choices.get("solver") in encoders():
            self.solver = choices["solver"]
        with suppress(KnobError):
            self.steps = int(STEPS.check(choices.get("steps", self.steps)))

    def choose(self, name: str, value: Value) -> None:
        """Set the solver, the steps or the class (“label”)."""
        setattr(self, name, value)
        self.changed.emit()

    @property
    def refused(self) -> str:
        """Return why no picture can be taken now, or nothing."""
        return super().problem or (PLANAR if self.info is not None and self.info.planar else "")

    @property
    def problem(self) -> str:
        """Return why nothing can be encoded now, or nothing."""
        if why := self.refused:
            return why
        if self.subject is None:
            return NEEDS_PICTURE
        if not self._fits(self.subject):
            return "The picture has another size than the model's: choose it again."
        return ""

    @property
    def nfe(self) -> int:
        """Return the evaluations of both ways."""
        nfe = SAMPLERS[self.solver].nfe(self.steps) or 1
        return 2 * nfe - 1  # the way up begins above 0

    @property
    def trip(self) -> Trip | None:
        """Return the round trip that is looked at."""
        return self.trips[self.chosen] if 0 <= self.chosen < len(self.trips) else None

    def look_at(self, place: int) -> None:
        """Look at another round trip."""
        self.chosen = place
        self.trips_changed.emit()

    def recipe_from(self, trip: Trip, label: int) -> Recipe:
        """Return the recipe that begins at the noise of a trip, with a class of its own choice."""
        recipe = base_recipe(self._editor.recipe, trip.solver, trip.steps, label)
        return recipe.model_copy(update={"start": trip.noise, "seeds": recipe.seeds[:1]})

    def start(self) -> None:
        """Encode the picture and decode it again."""
        if not self.problem and not self.running and self.subject is not None:
            self._submit(self._wish(self.subject))

    def _wish(self, subject: Subject) -> Errand:
        from studio.engine.errands.encoding import Encode

        self._asked = subject, self.solver, self.steps, self.label
        base = base_recipe(self._editor.recipe, self.solver, self.steps, self.label)
        return Encode(base, (subject.pixels,), (subject.name,))

    def _found(self, found: Any) -> None:
        subject, solver, steps, label = self._asked
        if subject is not self.subject or found.decoded is None:
            return
        self._keep(
            Trip(
                solver=solver,
                steps=steps,
                label=label,
                latent=found.latent,
                noise=found.noise,
                decoded=found.decoded,
                psnr=found.psnr,
                rms=found.rms,
                nfe=found.nfe,
                seconds=found.seconds,
            )
        )

    def _previewed(self, preview: Pixels) -> None:
        self.previewed.emit(preview[0])

    def _fits(self, subject: Subject) -> bool:
        height, width, _ = subject.pixels.shape
        return (width, height) == self.picture_size

    def _keep(self, trip: Trip) -> None:
        """Put a trip at the end; one of the same settings gives its place away."""
        same = (trip.solver, trip.steps, trip.label)
        self.trips = [t for t in self.trips if (t.solver, t.steps, t.label) != same] + [trip]
        self.chosen = len(self.trips) - 1
        self.trips_changed.emit()
        self.changed.emit()
