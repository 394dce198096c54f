"""The picture that is being restored: what is measured of it, by which method, and what came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from studio.diffusion import METHODS
from studio.engine.restoring import fitted
from studio.engine.sizes import picture_size
from studio.library import Recipe, RestorationTask
from studio.library.inputs import open_picture
from studio.library.task import InputRef
from studio.session.editing.fitted import Fitted, Keeping, kept, read_again
from studio.session.editing.looking import Looking
from studio.session.editing.subjects import Subject, resized
from studio.session.editing.words import about_model
from studio.session.editor import RecipeEditor, remembered_recipe

if TYPE_CHECKING:
    from studio.engine.background import Background
    from studio.engine.fault import Fault
    from studio.engine.job import Ending, LiveRun, Progress
    from studio.engine.seen import Seen
    from studio.session.modeldesk import ModelDesk
    from studio.session.queue import Queue
    from studio.session.sampling import Sampling, Shown

NEEDS_PICTURE = "Choose a picture first: open, drop or paste one, or send a take."
FIRST = Recipe(task="restore", sampler="ddrm", steps=20, seeds=(1, 2, 3, 4, 5, 6))

Pixels = NDArray[np.uint8]


class EditDesk(QObject):
    """Hold a picture, a mask and a recipe of its own that restores them.

    `picture` is the whole picture as it was brought, `mask` the painted one in the size in which
    the model takes it, (H, W) uint8, white where it is to be restored. `seen` is what is measured,
    found in the background whenever something changed; None while `problem` says why there is
    nothing. A restoration is a run as any other and becomes a take; `live` is the newest one, and
    `ending` how it ended.
    """

    picture_changed = Signal()
    mask_changed = Signal()  # it was replaced, and not by painting
    looked = Signal()  # `seen` and `problem` are new
    started = Signal(object)  # LiveRun
    progressed = Signal(object)  # Progress
    ended = Signal(object)  # Ending
    shown_changed = Signal(object)  # Shown: a restoration that is looked at
    running_changed = Signal(bool)
    failed = Signal(object)  # Fault
    noted = Signal(str)

    def __init__(
        self,
        models: ModelDesk,
        sampling: Sampling,
        disk: Background,
        remembered: Mapping[str, Any] | None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._models, self._sampling, self._disk = models, sampling, disk
        recipe = FIRST if remembered is None else remembered_recipe(remembered)
        self.editor = RecipeEditor(recipe.model_copy(update={"restoration": None}), self)
        self._last = recipe.restoration or _nothing()
        self._remembered = recipe
        self.picture: Subject | None = None
        self.mask: Pixels | None = None
        self.live: LiveRun | None = None
        self.ending: Ending | None = None
        self.running = False
        self._fitted = Fitted()
        self._keeping = Keeping(disk, self.failed.emit)
        self._looking = Looking(self.editor, models, disk, self)
        self._looking.looked.connect(self.looked)
        self._follow()

    def _follow(self) -> None:
        models, sampling = self._models, self._sampling
        models.opened.connect(self._on_model_opened)
        models.hashed.connect(self.editor.set_digest)
        sampling.started.connect(self._on_started)
        sampling.progressed.connect(self._on_progressed)
        sampling.ended.connect(self._on_ended)

    # The picture and the mask

    def take_file(self, path: Path) -> None:
        """Read a picture and restore that from now on."""

        def show(found: tuple[Pixels, tuple[str, ...]]) -> None:
            self.take_whole(Subject(path.name, found[0], remark=" ".join(found[1])))

        self._disk.run(lambda: open_picture(path), show, self.failed.emit, f"Reading “{path.name}”")

    def take_whole(self, subject: Subject) -> None:
        """Restore a picture of any size from now on; the mask of the one before is let go."""
        said = (subject.remark, self._fitting(subject))
        self.noted.emit(" ".join(filter(None, said))) if any(said) else None

        def begin(found: tuple[InputRef, Fitted]) -> None:
            ref, self._fitted = found
            self._begin(subject, ref)

        keep = partial(kept, subject.pixels, subject.name, self.size)
        self._disk.run(keep, begin, self.failed.emit, f"Keeping “{subject.name}”")

    def set_mask(self, mask: Pixels | None) -> None:
        """Take over what was painted: (H, W) uint8; None or all black is no mask."""
        self.mask = painted = mask if mask is not None and mask.any() else None
        if painted is None:
            self._amend(mask=None)
            return

        def amend(ref: InputRef) -> None:
            if self.mask is painted:  # else it has been painted on since
                self._amend(mask=ref)

        self._keeping.keep(painted.copy(), "mask", amend)

    def take_mask(self, path: Path) -> None:
        """Read a mask from a picture, white where it is to be restored."""

        def show(found: tuple[Pixels, tuple[str, ...]]) -> None:
            grey: Pixels = found[0].max(axis=2)
            self.set_mask(fitted(grey, self.size) if self.size is not None else grey)
            self.mask_changed.emit()

        self._disk.run(lambda: open_picture(path), show, self.failed.emit, f"Reading “{path.name}”")

    def set_kernel(self, path: Path) -> None:
        """Read a picture of a blur and take that for the operators that want one."""

        def keep(found: tuple[Pixels, tuple[str, ...]]) -> None:
            self._keeping.keep(found[0], path.name, lambda ref: self._amend(kernel=ref))

        self._disk.run(lambda: open_picture(path), keep, self.failed.emit, "Reading the kernel")

    # What is measured, and how it is restored

    @property
    def task(self) -> RestorationTask:
        """Return what is measured; without a picture, what would be."""
        return self.editor.recipe.restoration or self._last

    def edit_task(self, **changes: object) -> None:
        """Change what is measured: operators, noise, noise_seed or measured.

        Raises:
            ValueError: a value does not suit its field.
        """
        task = RestorationTask.model_validate({**dict(self.task), **changes})
        self._last = task
        if self.picture is None:
            self._looking.tell(None)
        else:
            self.editor.edit_all({"restoration": task}, key=f"task {'.'.join(changes)}")

    def choose_method(self, id: str) -> None:
        """Restore by another method, in its usual number of steps."""
        usual = METHODS[id].usual_steps
        self.editor.edit_all({"sampler": id, **({"steps": usual} if usual else {})}, key="sampler")

    def undo(self) -> None:
        """Go back to the recipe before the last edit; picture, mask and kernel stay."""
        self.editor.undo()
        self._hold_inputs()

    def redo(self) -> None:
        """Do again what was undone."""
        self.editor.redo()
        self._hold_inputs()

    @property
    def refusals(self) -> Mapping[str, str]:
        """Return why methods cannot restore what is measured, by their ids."""
        return self.seen.refusals if self.seen else {}

    @property
    def problem(self) -> str:
        """Return why nothing can be restored now, or nothing."""
        if why := about_model(self._models.info, opening=self._models.opening_now):
            return why
        if self.picture is None:
            return NEEDS_PICTURE
        return self.editor.problem or self._looking.trouble or self.refusals.get(self._method, "")

    @property
    def seen(self) -> Seen | None:
        """Return what is measured, or None where that is not known."""
        return self._looking.seen

    @property
    def trouble(self) -> str:
        """Return why nothing can be measured of the picture, or nothing."""
        return self._looking.trouble

    @property
    def size(self) -> tuple[int, int] | None:
        """Return (height, width) in which the model takes the picture; None without any."""
        info = self._models.info
        if info is None or info.planar:
            return None
        try:
            return picture_size(self.editor.recipe, info)
        except ValueError:
            return None

    def fitted_picture(self) -> Pixels | None:
        """Return the picture in the size in which the model takes it, (H, W, 3), or None."""
        if self.picture is None or self.size is None:
            return None
        if not self._fitted.fits(self.picture.pixels, self.size):
            self._fitted = Fitted.of(self.picture.pixels, self.size)
        return self._fitted.pixels

    # Restoring

    def restore(self) -> None:
        """Restore the picture, if that is possible; what runs is cut short and kept."""
        if self._keeping.busy:  # what was just painted counts
            self._keeping.then(self.restore)
        elif not self.problem:
            self._sampling.generate(self.editor.whole)

    def enqueue(self, queue: Queue) -> None:
        """Let the restoration wait until nothing else runs, if it is possible."""
        if not self.problem:
            queue.add(self.editor.whole)

    def stop(self) -> None:
        """Stop before the next network call and keep what there is."""
        if self.running:
            self._sampling.stop()

    def recall(self) -> None:
        """Go on where the last session ended, if its picture is still there."""
        self.take_over(self._remembered, lambda _fault: None)

    def take_over(self, recipe: Recipe, refuse: Callable[[Fault], None] | None = None) -> None:
        """Go on with the recipe of an earlier restoration: its picture, mask and method.

        refuse: who hears that its picture is gone; all, if None.
        """
        task = recipe.restoration
        if task is None:
            return

        def show(found: tuple[Pixels, Pixels | None, Fitted]) -> None:
            pixels, self.mask, self._fitted = found
            self.picture, self._last = Subject(task.picture.name, pixels, "from a take"), task
            self.editor.replace(recipe)
            self.picture_changed.emit()
            self.mask_changed.emit()
            self._looking.soon()

        read = partial(read_again, task, self.size)
        self._disk.run(read, show, refuse or self.failed.emit, "Opening the restoration")

    def show(self, shown: Shown) -> None:
        """Look at a restoration that was made before."""
        if shown.recipe.restoration is not None:
            self.shown_changed.emit(shown)

    @property
    def _method(self) -> str:
        return self.editor.recipe.sampler

    def _begin(self, subject: Subject, ref: InputRef) -> None:
        self.picture, self.mask = subject, None
        self._last = self.task.model_copy(update={"picture": ref, "mask": None})
        self.editor.amend(restoration=self._last)
        self.picture_changed.emit()
        self.mask_changed.emit()

    def _hold_inputs(self) -> None:
        if self.picture is None:
            return
        task, last = self.editor.recipe.restoration, self._last
        brought = {"picture": last.picture, "mask": last.mask, "kernel": last.kernel}
        self._last = (task or last).model_copy(update=brought)
        if self._last != task:
            self.editor.amend(restoration=self._last)

    def _amend(self, **refs: InputRef | None) -> None:
        """Put a mask or a kernel into the task; the mask has an undo of its own."""
        self._last = self.task.model_copy(update=refs)
        if self.picture is not None:
            self.editor.amend(restoration=self._last)
            self._looking.soon()

    def _fitting(self, subject: Subject) -> str:
        if self.size is None:
            return ""
        high, wide = subject.pixels.shape[:2]
        done = resized((wide, high), (self.size[1], self.size[0]))
        return f"“{subject.name}” is {done} for this model." if done else ""

    def _on_model_opened(self, info: Any) -> None:
        self.editor.set_model(info)
        if self.picture is not None:
            pixels, size = self.picture.pixels, self.size
            self._disk.run(lambda: Fitted.of(pixels, size), self._on_fitted, self.failed.emit)
        self._looking.soon()

    def _on_fitted(self, found: Fitted) -> None:
        self._fitted = found
        self.picture_changed.emit()

    def _on_started(self, live: LiveRun) -> None:
        if live.recipe.restoration is None:
            self._set_running(False)
            return
        self.live, self.ending = live, None
        self._set_running(True)
        self.started.emit(live)

    def _on_progressed(self, progress: Progress) -> None:
        if self.live is not None and progress.job == self.live.job:
            self.progressed.emit(progress)

    def _on_ended(self, ending: Ending) -> None:
        if self.live is None or ending.job != self.live.job:
            return
        self.ending = ending
        self._set_running(False)
        self.ended.emit(ending)

    def _set_running(self, running: bool) -> None:
        if running != self.running:
            self.running = running
            self.running_changed.emit(running)


def _nothing() -> RestorationTask:
    """Return a task without its picture."""
    return RestorationTask(picture=InputRef(sha256="0" * 64))
