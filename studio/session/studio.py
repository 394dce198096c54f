"""The studio without its window: it introduces the parts of the session to each other."""

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.diffusion import SAMPLERS
from studio.engine.background import Background
from studio.engine.engine import Engine
from studio.engine.fault import Fault
from studio.engine.job import CompareEnding, Ending, LiveRun
from studio.engine.repeat import compared_ends, unlike_here
from studio.engine.shared import shared_steps
from studio.library import ModelRef, Recipe, RecipeError, Take, Trajectory, restore
from studio.library.fits import Fit, Fits
from studio.models import ModelInfo
from studio.models.toy.file import PointsFile
from studio.preferences import Settings, save_settings
from studio.session.comparing import Comparing, picked
from studio.session.editor import RecipeEditor
from studio.session.exporting import Exporting
from studio.session.modeldesk import ModelDesk, findable, located
from studio.session.queue import Queue
from studio.session.queueing import Queueing, new_seeds
from studio.session.sampling import Sampling, Shown
from studio.session.shelf import Shelf
from studio.session.sketch import save_sketch

SAVE_DELAY_MS = 300
MODEL_SUFFIXES = (".safetensors", ".npz", ".zip", ".json")


class Studio(QObject):
    """Own the engine and the session's parts, and the rules that join them."""

    shown_changed = Signal(object)  # Shown
    settings_changed = Signal(object)  # Settings
    failed = Signal(object)  # Fault
    noted = Signal(str)

    def __init__(self, settings: Settings, settings_file: Path) -> None:
        super().__init__()
        self.settings = settings
        self._file = settings_file
        self.shown: Shown | None = None
        self._wanted_digest = ""
        self._fits: Fits | None = None
        self._to_match: Shown | None = None
        self.engine = Engine(self)
        self._disk = Background(self)
        self._hasher = Background(self)
        self.editor = RecipeEditor(_remembered(settings), self)
        self.models = ModelDesk(self.engine, self._hasher, self)
        self.sampling = Sampling(self.engine, self)
        self.shelf = Shelf(settings.output_folder, self._disk, self)
        self.comparing = Comparing(self.engine, settings_file.parent, self)
        self.exporting = Exporting(self)
        self.queue = Queue(settings_file.parent, self._disk, self)
        self._queueing = Queueing(
            self.queue,
            self.sampling,
            self.models,
            self.comparing,
            here=self._here,
            again=self._again,
        )
        self.comparing.recall(settings.comparison)
        self._save_timer = QTimer(self, singleShot=True, interval=SAVE_DELAY_MS)
        self._save_timer.timeout.connect(self._save_settings)
        self._introduce()

    def _introduce(self) -> None:
        self.models.opened.connect(self._on_model_opened)
        self.models.failed.connect(lambda _path, fault: self.failed.emit(fault))
        self.models.opening.connect(lambda _path: self.sampling.drop_pending())
        self.models.hashed.connect(self.editor.set_digest)
        self.models.hashed.connect(self._compare_digest)
        self.editor.changed.connect(self._on_recipe_changed)
        self.editor.edited.connect(self._on_edited)
        self.sampling.started.connect(self.show_run)
        self.sampling.started.connect(lambda _live: self.shelf.forget_wish())
        self.sampling.changed.connect(self._on_run_changed)
        self.sampling.ended.connect(self._on_run_ended)
        self.engine.refused.connect(self.noted)
        self.sampling.take_made.connect(self._on_take_made)
        self.sampling.checked.connect(self._on_checked)
        self.shelf.take_added.connect(self._on_take_added)
        self.shelf.take_opened.connect(self._on_take_opened)
        self.comparing.changed.connect(self._on_comparison_changed)
        self.comparing.ended.connect(self._on_comparison_ended)
        self.shelf.failed.connect(self.failed)
        self.exporting.failed.connect(self.failed)
        self._queueing.failed.connect(self.failed)
        self._queueing.model_wanted.connect(self.open_model)
        self.shelf.noted.connect(self.noted)

    def start(self, file: str = "") -> None:
        """Start the worker, read the library and open `file` or the last model.

        To be called after the first paint.
        """
        self.engine.warmed.connect(lambda devices: self._begin(file, dict(devices)))
        self.engine.start(self.settings.threads)
        self.shelf.open()

    def _begin(self, file: str, devices: Mapping[str, str]) -> None:
        """Open the first model, on a device that is here."""
        wish = self.settings.device
        if wish != "auto" and wish not in {*devices, *(id.partition(":")[0] for id in devices)}:
            self.noted.emit(f"The device “{wish}” is not here: the fastest one is used instead.")
            self.remember(device="auto")
        if not file or not _is_model(Path(file)):
            self.open_model(findable(self.editor.recipe.model.path))
        if file:
            self.open_file(file)

    def open_model(self, path: str) -> None:
        """Open a model; what is sampling is stopped and kept."""
        self.models.open(path, self.settings.device, self.settings.dtype)

    def keep_drawing(
        self, toy: PointsFile, then: Callable[[], None], failed: Callable[[Fault], None]
    ) -> None:
        """Write a distribution that was drawn, call `then` and open it, or say what `failed`."""
        folder = self._file.parent / "models"

        def open_it(path: Path) -> None:
            then()
            self.open_model(str(path))

        self._disk.run(lambda: save_sketch(folder, toy), open_it, failed, "Saving the drawing")

    def generate(self) -> None:
        """Sample the current recipe, with a new seed unless the same one is wanted."""
        if not self.models.ready or self.editor.problem:
            return
        if not self.settings.same_seed:
            self.roll_seed()
        self.sampling.generate(self.editor.whole)

    def enqueue(self) -> None:
        """Let the current recipe wait until nothing else runs, with new seeds unless locked."""
        if not self.editor.problem:
            if not self.settings.same_seed:
                self.roll_seed()
            self.queue.add(self.editor.whole)

    def _again(self) -> None:
        if not self.editor.problem:
            self.roll_seed()
            self.sampling.generate(self.editor.whole)

    def branch(self, step: int) -> None:
        """Go on from what is shown after `step` (0-based), with the knobs as they are now."""
        shown, frames = self.shown, self.shown.trajectory if self.shown is not None else None
        if shown is None or not self.models.ready or self.editor.problem:
            return
        try:
            recipe = self._here(shown.recipe).branched(step + 1, self.editor.recipe)
        except RecipeError as error:
            self.failed.emit(Fault(str(error)))
            return
        past = frames.upto(step + 1) if frames is not None else None
        self.sampling.branch(recipe, past, shown.id)

    def check(self) -> None:
        """Make what is shown again and say whether it is the same to the last bit."""
        shown, models = self.shown, self.models
        if shown is None or shown.trajectory is None or not models.ready or self.sampling.running:
            self.noted.emit("Look at a finished take with its steps first; then it can be checked.")
            return
        recipe, sha256 = self._here(shown.recipe), models.digest
        if not recipe.model.is_same(ModelRef(path=models.path, sha256=sha256)):
            name = recipe.model.name or Path(recipe.model.path).name
            self.failed.emit(Fault(f"The take was made with “{name}”.", "Open that model first."))
            return
        self._to_match = shown
        self.sampling.check(recipe)

    def stop(self) -> None:
        """Stop whatever runs before the next network call, and keep what there is."""
        self._queueing.stop()
        self.sampling.stop()
        self.comparing.stop()
        self.exporting.cancel()

    def roll_seed(self) -> None:
        """Take a new random first seed; the pictures count up from it."""
        self.editor.edit("seeds", new_seeds(len(self.editor.recipe.seeds)))

    def show_run(self, live: LiveRun) -> None:
        """Look at the run in progress."""
        self._show(Shown(live.recipe, live.trajectory, self.sampling.take_of(live.job)))

    def open_file(self, path: str) -> None:
        """Open what was dropped: a model, a folder of pictures, or a picture with its recipe."""
        chosen = Path(path)
        if _is_model(chosen):
            self.open_model(str(chosen.absolute()))
        elif chosen.suffix.lower() == ".png":
            self._restore(chosen)
        else:
            self.failed.emit(
                Fault(
                    f"“{chosen.name}” is neither a model nor a picture with a recipe.",
                    "Drop a .safetensors, .npz, .zip or .toy.json file, a folder of pictures, or a "
                    "PNG.",
                )
            )

    def remember(self, **changes: object) -> None:
        """Change settings; they are written within 0.3 s, off this thread."""
        updated = self.settings.changed(**changes)
        if updated != self.settings:
            self.settings = updated
            self.settings_changed.emit(updated)
            self._save_timer.start()

    def prepare_comparison(self) -> None:
        """Let the comparison stand on the recipe and the model as they are now."""
        info, settings = self.models.info, self.settings
        if info is not None and self.models.digest:
            info = replace(info, sha256=self.models.digest)
        computed_by = f"{settings.device} {settings.dtype}"
        root = settings.output_folder
        self.comparing.set_base(self.editor.recipe, info, root, computed_by)

    def offered_fit(self) -> Fit | None:
        """Return the schedule fitted to model, solver and steps, if it is better and not in use."""
        recipe, digest = self.editor.recipe, self.models.digest
        if not digest:
            return None
        if self._fits is None or self._fits.sha256 != digest:
            self._fits = Fits(self._file.parent, digest)
        solver = picked(recipe.sampler, SAMPLERS, recipe.sampler, recipe.knobs)
        fit = self._fits.find(solver.id, solver.knobs, recipe.steps)
        in_use = fit and recipe.schedule_knobs.get("levels") == fit.levels
        return fit if fit and fit.better and not in_use else None

    def use_fit(self) -> None:
        """Take the fitted schedule over as a list of levels, which stays what it is."""
        fit = self.offered_fit()
        if fit is not None:
            changes: dict[str, object] = {"sigma_min": None, "sigma_max": None}
            changes |= {"schedule": "custom", "schedule_knobs.levels": fit.levels}
            self.editor.edit_all(changes)

    def apply(self, changes: Mapping[str, object]) -> None:
        """Take over what the settings dialog changed, with its consequences."""
        before = self.settings
        self.remember(**changes)
        after = self.settings
        self.shelf.move(after.output_folder)
        if (after.device, after.dtype) != (before.device, before.dtype) and self.models.path:
            self.open_model(self.models.path)

    def close(self) -> bool:
        """Stop and join everything; return False if a network call or a hash goes on."""
        self._queueing.close()
        joined = self.engine.close()
        self.shelf.retry()
        self._hasher.close(drop=True)
        self.exporting.close()
        self._disk.close()
        self.shelf.close()
        self._save_timer.stop()
        with contextlib.suppress(OSError):  # the settings saved before are still there
            save_settings(self._file, self.settings)
        return joined and not self._hasher.busy

    def _restore(self, path: Path) -> None:
        try:
            found = restore(path)
        except (ValueError, OSError) as error:
            self.failed.emit(Fault(str(error)))
            return
        remark = self._take_over(found.recipe)
        said = [f"Recipe restored from “{path.name}”.", *found.notes, remark]
        self.noted.emit(" ".join(filter(None, said)))

    def _save_settings(self) -> None:
        file, settings = self._file, self.settings
        self._disk.run(
            lambda: save_settings(file, settings),
            lambda _: None,
            self.failed.emit,
            "Saving settings",
        )

    def _on_model_opened(self, info: ModelInfo) -> None:
        self.remember(recent_models=self.settings.with_recent(info.path).recent_models)
        self.editor.set_model(info)

    def _on_recipe_changed(self, _recipe: Recipe) -> None:
        self.remember(recipe=self.editor.whole.model_dump(mode="json"))

    def _on_edited(self) -> None:
        if not self.settings.live or not self.models.ready or self.editor.problem:
            return
        if not self.sampling.steer(self.editor.recipe):
            self.sampling.resample(*self._from_first_change())

    @property
    def kept_steps(self) -> int:
        """Return how many steps of what is shown the present recipe would take again."""
        shown, plan = self.shown, self.editor.plan
        if shown is None or shown.trajectory is None or plan is None:
            return 0
        shared = shared_steps(shown.recipe, self.editor.whole, plan.sigmas)
        return min(shared, len(shown.trajectory))

    def _from_first_change(self) -> tuple[Recipe, Trajectory | None]:
        """Return the present recipe, with the steps that need not be taken again."""
        recipe, shown, plan = self.editor.whole, self.shown, self.editor.plan
        kept = self.kept_steps
        if not kept or shown is None or shown.trajectory is None or plan is None:
            return recipe, None
        made = {"labels": shown.recipe.labels, "precision": shown.recipe.precision}
        frozen = recipe.model_copy(update={"sigmas": plan.sigmas, **made})
        return frozen, shown.trajectory.upto(min(kept, len(plan.sigmas) - 2))

    def _on_run_changed(self, live: LiveRun) -> None:
        if self.shown is not None and self.shown.trajectory is live.trajectory:
            self.show_run(live)

    def _on_run_ended(self, ending: Ending) -> None:
        if ending.fault is not None:
            self.failed.emit(ending.fault)

    def _on_comparison_changed(self) -> None:
        self.remember(comparison=self.comparing.choice.model_dump(mode="json"))

    def _on_comparison_ended(self, ending: CompareEnding) -> None:
        self._fits = None  # there may be more
        if ending.fault is not None:
            self.failed.emit(ending.fault)

    def _on_take_made(self, ending: Ending) -> None:
        if ending.outcome == "finished" or self.settings.keep_partial:
            self.shelf.keep(replace(ending, recipe=self._with_digest(ending.recipe)))

    def _on_checked(self, ending: Ending) -> None:
        """Compare what was made again with what it was to be, and look at that again."""
        wanted, self._to_match = self._to_match, None
        if wanted is None or wanted.trajectory is None:
            return
        if ending.outcome == "finished" and ending.trajectory is not None:
            likeness = compared_ends(wanted.trajectory, ending.trajectory)
            unlike = unlike_here(wanted.recipe, ending.recipe)
            why = f" Not as it was: {', '.join(unlike)}." if unlike else ""
            self.noted.emit(f"{likeness}{why}")
        self._show(wanted)

    def _with_digest(self, recipe: Recipe) -> Recipe:
        """Add the model's hash, which a quick run is ahead of."""
        model = recipe.model
        if model.sha256 or model.path != self.models.path or not self.models.digest:
            return recipe
        known = model.model_copy(update={"sha256": self.models.digest})
        return recipe.model_copy(update={"model": known})

    def _on_take_added(self, take: Take, trajectory: Trajectory) -> None:
        if self.shown is not None and self.shown.trajectory is trajectory:
            self._show(Shown(take.recipe, trajectory, take.id, stored=True))

    def _on_take_opened(self, take: Take, trajectory: Trajectory | None) -> None:
        if not self.sampling.running:
            self._take_over(take.recipe)
        pictures = tuple(take.pictures) if trajectory is None else ()
        if trajectory is None:
            self.noted.emit("The steps of this take are gone; here are its pictures.")
        self._show(Shown(take.recipe, trajectory, take.id, True, pictures))

    def _take_over(self, recipe: Recipe) -> str:
        """Make `recipe` the current one, open its model, and return what could not be restored."""
        recipe = self._here(recipe)
        path = located(recipe.model.path)
        self._wanted_digest = recipe.model.sha256 if path else ""
        self.editor.replace(recipe, model_follows=bool(path))
        if path and path != self.models.path:
            self.open_model(path)
        elif self.models.digest:
            self._compare_digest(self.models.digest)
        if path or not (recipe.model.name or recipe.model.path):
            return ""
        name = recipe.model.name or Path(recipe.model.path).name
        return f"It was made with “{name}”, which is not here: the open model is used instead."

    def _here(self, recipe: Recipe) -> Recipe:
        """Return a recipe with its models where they are now."""

        def here(model: ModelRef) -> ModelRef:
            is_open = model.sha256 and model.sha256 == self.models.digest
            path = located(model.path) or (self.models.path if is_open else "")
            return model.model_copy(update={"path": path}) if path else model

        return recipe.with_models(here)

    def _compare_digest(self, digest: str) -> None:
        wanted, self._wanted_digest = self._wanted_digest, ""
        if wanted and wanted != digest:
            self.noted.emit("The model's file has changed since: the pictures will differ.")

    def _show(self, shown: Shown) -> None:
        self.shown = shown
        self.shown_changed.emit(shown)


def _is_model(path: Path) -> bool:
    return path.is_dir() or path.suffix.lower() in MODEL_SUFFIXES


def _remembered(settings: Settings) -> Recipe:
    if settings.recipe is not None:
        try:
            return Recipe.from_json(json.dumps(settings.recipe))
        except RecipeError:
            pass
    return Recipe(seeds=tuple(range(16)))
