"""The studio without its window: it introduces the parts of the session to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.engine.background import Background
from studio.engine.engine import Engine
from studio.engine.job import Ending, LiveRun
from studio.library import Recipe, Take, Trajectory
from studio.models import ModelInfo, Running
from studio.preferences import Settings, log_folder, runs_folder
from studio.session.branching import Branching
from studio.session.bundling import Bundling
from studio.session.catalogue.catalogue import Catalogue
from studio.session.cell_work import CellWork
from studio.session.checking import Checking
from studio.session.chronicle import Chronicle
from studio.session.comeback import Comeback, Parts
from studio.session.comparing import Comparing
from studio.session.editing.desk import EditDesk
from studio.session.editor import RecipeEditor, remembered_recipe
from studio.session.exporting import Exporting
from studio.session.fitting import Fitting
from studio.session.journal import Journal
from studio.session.loras import LoraDesk
from studio.session.modeldesk import ModelDesk, findable
from studio.session.opening import Opening, Uses
from studio.session.queue import Queue
from studio.session.queueing import Queueing, new_seeds
from studio.session.reading.reading import Reading
from studio.session.recalling import Recalling
from studio.session.recovery import FOLDER as RECOVERY
from studio.session.recovery import Recovery
from studio.session.remembering import Remembering
from studio.session.sampling import Sampling, Shown
from studio.session.shelf import Shelf
from studio.session.sweeping import SweepDesk
from studio.session.training.desk import TrainingDesk
from studio.session.using import Using

if TYPE_CHECKING:
    from studio.session.editing.tasks import EditTasks

_OPENED_WITH = ("device", "dtype", "compile", "offload")  # settings with which a model is opened


class Studio(QObject):
    """Own the engine and the session's parts, and the rules that join them."""

    shown_changed = Signal(object)  # Shown
    settings_changed = Signal(object)  # Settings
    failed = Signal(object)  # Fault
    noted = Signal(str)
    steps_missed = Signal(str)  # why a take has only its pictures

    def __init__(self, settings: Settings, settings_file: Path) -> None:
        super().__init__()
        self.shown: Shown | None = None
        self.engine = Engine(self)
        self._disk = Background(self)
        self._remembering = Remembering(settings, settings_file, self._disk, self)
        self._hasher = Background(self)
        self.editor = RecipeEditor(remembered_recipe(settings.recipe), self)
        self.models = ModelDesk(self.engine, self._hasher, self)
        self.catalogue = Catalogue(self.models, lambda: self.settings, self.remember, self)
        self.sampling = Sampling(self.engine, self)
        self.shelf = Shelf(settings.output_folder, self._disk, settings.steps_budget, self)
        self.reading = Reading(self.shelf, settings.reading, self)
        self.comparing = Comparing(self.engine, settings_file.parent, self)
        self.sweeping = SweepDesk(self.engine, self._disk, self)
        self.exporting = Exporting(self)
        self.bundling = Bundling(self.shelf, self)
        self.training = TrainingDesk(runs_folder(), lambda: self.settings, self.remember, self)
        restored = settings.restoration
        self.editing = EditDesk(self.models, self.sampling, self._disk, restored, self)
        self.fitting = Fitting(self.editor, self.models, settings_file.parent)
        self.loras = LoraDesk(self.editor, self.models, self._disk)
        self.using = Using(self.editor, self.models, self._disk, self.open_model, self.loras.add)
        uses = Uses(self.open_model, self.using.use, self.bundling.unpack, self.loras.take_or)
        self.opening = Opening(self.editor, self.models, self.catalogue.hashes, self._disk, uses)
        here = self.opening.here
        self.branching = Branching(
            self.editor, self.models, self.sampling, shown=lambda: self.shown, here=here
        )
        self.checking = Checking(self.sampling, self.models, here)
        self.recalling = Recalling(self.sampling, self.shelf, self.checking)
        self.queue = Queue(settings_file.parent, self._disk, self)
        self._queueing = Queueing(
            self.queue,
            self.sampling,
            self.models,
            (self.comparing, self.sweeping),
            here=here,
            again=self._again,
        )
        place = settings_file.parent / RECOVERY
        self.recovery = Recovery(place, self.editor.whole, self._disk, self)
        self.journal = Journal(log_folder(), self)
        self.chronicle = Chronicle(self.models, self.sampling, self.comparing, self.shelf)
        self.cell_work = CellWork(
            self.comparing,
            self.sweeping,
            self.editor,
            self.models,
            settings=lambda: self.settings,
            remember=self.remember,
        )
        self._introduce()
        # Last, so that it hears of a take once that is shown.
        self.comeback = Comeback(
            self.recovery,
            Parts(
                editor=self.editor,
                opening=self.opening,
                models=self.models,
                sampling=self.sampling,
                queueing=self._queueing,
                shelf=self.shelf,
            ),
        )
        self.shown_changed.connect(self.comeback.note_shown)

    def _introduce(self) -> None:
        self._remembering.changed.connect(self.settings_changed)
        self._remembering.failed.connect(self.failed)
        self.models.opened.connect(self._on_model_opened)
        self.models.failed.connect(lambda _path, fault: self.failed.emit(fault))
        self.models.opening.connect(lambda _path: self.sampling.drop_pending())
        self.models.hashed.connect(self.editor.set_digest)
        self.editor.changed.connect(self._on_recipe_changed)
        self.editor.edited.connect(self._on_edited)
        self.editing.editor.changed.connect(self._on_restoration_changed)
        self.sampling.started.connect(self.show_run)
        self.sampling.started.connect(lambda _live: self.shelf.forget_wish())
        self.sampling.changed.connect(self._on_run_changed)
        self.sampling.ended.connect(self._on_run_ended)
        self.opening.restoration_wanted.connect(self.editing.take_over)
        self.engine.refused.connect(self.noted)
        self.engine.warned.connect(self.noted)
        self.sampling.take_made.connect(self._on_take_made)
        self.checking.over.connect(self._show)
        self.shelf.take_added.connect(self._on_take_added)
        self.shelf.take_opened.connect(self._on_take_opened)
        self.cell_work.compared.connect(self.fitting.look_again)
        self.using.settled.connect(self.catalogue.renew)
        self.models.asked.connect(self.using.asked)
        desks = (self.opening, self.using, self.loras, self.checking, self.recalling)
        for part in (*desks, self.editing, self.shelf, self.training):
            part.failed.connect(self.failed)
            part.noted.connect(self.noted)
        for other in (
            self.branching,
            self.cell_work,
            self.exporting,
            self.bundling,
            self._queueing,
        ):
            other.failed.connect(self.failed)
        self.failed.connect(self.chronicle.on_failed)
        self.noted.connect(self.chronicle.on_noted)
        self.recalling.recalled.connect(self._show)
        self.bundling.refused.connect(self.open_model)
        self._queueing.model_wanted.connect(self.open_model)
        self.reading.failed.connect(self.failed)
        self.reading.choice_changed.connect(lambda choice: self.remember(reading=choice))

    @property
    def settings(self) -> Settings:
        """Return the settings as they are now."""
        return self._remembering.settings

    @cached_property
    def edit_tasks(self) -> EditTasks:
        """Return the tasks of the Edit tab beside restoring, which few sessions begin with."""
        from studio.session.editing.tasks import EditTasks

        tasks = EditTasks(self.engine, self.models, self.editor, self._disk)
        tasks.failed.connect(self.failed)
        tasks.noted.connect(self.noted)
        tasks.recall(self.settings.edit_tasks)
        tasks.chosen.connect(lambda choices: self.remember(edit_tasks=choices))
        self._queueing.heed(tasks)
        return tasks

    def start(self, file: str = "") -> None:
        """Start the worker, read the library and open `file` or the last model.

        To be called after the first paint.
        """
        self.journal.start()
        self.engine.warmed.connect(lambda devices: self._begin(file, dict(devices)))
        self.engine.start(self.settings.threads)
        self.shelf.open()
        self.training.start()
        self.editing.recall()
        self.recovery.start()  # after the shelf, whose takes it may want

    def _begin(self, file: str, devices: Mapping[str, str]) -> None:
        """Open the first model, on a device that is here."""
        wish = self.settings.device
        if wish != "auto" and wish not in {*devices, *(id.partition(":")[0] for id in devices)}:
            self.noted.emit(f"The device “{wish}” is not here: the fastest one is used instead.")
            self.remember(device="auto")
        last = findable(self.editor.recipe.model.path)
        if file:
            self.opening.open_file(file, lambda: self.open_model(last))
        else:
            self.open_model(last)
        self.comeback.begin(fresh=bool(file))
        self.catalogue.start()

    def open_model(self, path: str) -> None:
        """Open a model; what is sampling is stopped and kept."""
        settings = self.settings
        running = Running(settings.compile, settings.offload)
        self.models.open(path, settings.device, settings.dtype, running)

    def generate(self) -> None:
        """Sample the current recipe, with a new seed unless the same one is wanted."""
        if not self.models.ready or self.editor.problem or self.loras.problem:
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
        self.branching.branch(step)

    def check(self) -> None:
        """Make what is shown again and say whether it is the same to the last bit."""
        self.checking.check(self.shown)

    def recall(self) -> None:
        """Make the steps of what is shown again, which are gone."""
        if self.shown is not None and self.shown.stored:
            self.recalling.recall(self.shown.id)

    def stop(self) -> None:
        """Stop whatever runs before the next network call, and keep what there is."""
        self.models.cancel()
        self._queueing.stop()
        self.sampling.stop()
        self.comparing.stop()
        self.sweeping.stop()
        if "edit_tasks" in self.__dict__:
            self.edit_tasks.stop()
        self.exporting.cancel()
        self.bundling.cancel()

    def roll_seed(self, editor: RecipeEditor | None = None) -> None:
        """Take a new random first seed; the pictures count up from it.

        editor: whose; None is that of the Sample tab.
        """
        editor = editor or self.editor
        editor.edit("seeds", new_seeds(len(editor.recipe.seeds)))

    def show_run(self, live: LiveRun) -> None:
        """Look at the run in progress."""
        self._show(Shown(live.recipe, live.trajectory, self.sampling.take_of(live.job)))

    def open_file(self, path: str) -> None:
        """Open what was dropped: a model, a LoRA, pictures, a picture with its recipe, takes."""
        self.opening.open_file(path)

    def remember(self, **changes: object) -> None:
        """Change settings; they are written within 0.3 s, off this thread."""
        self._remembering.remember(**changes)

    def open_cell(self, folder: Path) -> None:
        """Look at a cell of the sweep as at any take; the sweep stays on the recipe it has."""
        self.sweeping.pin()
        self.shelf.reopen_folder(folder)

    def apply(self, changes: Mapping[str, object]) -> None:
        """Take over what the settings dialog changed, with its consequences."""
        before = self.settings
        self.remember(**changes)
        after = self.settings
        self.shelf.move(after.output_folder)
        self.shelf.keeper.budget = after.steps_budget
        if after.steps_budget < before.steps_budget:
            self.shelf.keeper.prune()
        if self.models.path and any(
            getattr(after, name) != getattr(before, name) for name in _OPENED_WITH
        ):
            self.open_model(self.models.path)

    def close(self) -> bool:
        """Stop and join everything; return False if a network call or a hash goes on."""
        self._queueing.close()
        joined = self.engine.close()
        self.shelf.keeper.retry()
        self._hasher.close(drop=True)
        self.exporting.close()
        self.bundling.close()
        self.reading.close()
        self.training.close()
        self.catalogue.close()
        self._disk.close()
        self.shelf.close()
        self.recovery.close()
        self._remembering.close()
        self.journal.close()
        return joined and not self._hasher.busy and not self.catalogue.busy

    def _on_model_opened(self, info: ModelInfo) -> None:
        self.remember(recent_models=self.settings.with_recent(info.path).recent_models)
        self.editor.set_model(info)
        self.loras.follow(info)

    def _on_recipe_changed(self, _recipe: Recipe) -> None:
        self.remember(recipe=self.editor.whole.model_dump(mode="json"))

    def _on_restoration_changed(self, _recipe: Recipe) -> None:
        self.remember(restoration=self.editing.editor.whole.model_dump(mode="json"))

    def _on_edited(self) -> None:
        if self.settings.live:
            self.branching.follow_edit()

    def _on_run_changed(self, live: LiveRun) -> None:
        if self.shown is not None and self.shown.trajectory is live.trajectory:
            self.show_run(live)

    def _on_run_ended(self, ending: Ending) -> None:
        if ending.fault is not None:
            self.failed.emit(ending.fault)

    def _on_take_made(self, ending: Ending) -> None:
        if ending.outcome == "finished" or self.settings.keep_partial:
            self.shelf.keeper.keep(replace(ending, recipe=self.models.signed(ending.recipe)))

    def _on_take_added(self, take: Take, trajectory: Trajectory) -> None:
        if self.shown is not None and self.shown.trajectory is trajectory:
            self._show(Shown(take.recipe, trajectory, take.id, stored=True))

    def _on_take_opened(self, take: Take, trajectory: Trajectory | None) -> None:
        if not self.sampling.running:
            self.opening.take_over(take.recipe)
        pictures = tuple(take.pictures) if trajectory is None else ()
        if trajectory is None:
            self.steps_missed.emit("The steps of this take are gone; here are its pictures.")
        self._show(Shown(take.recipe, trajectory, take.id, True, pictures))

    def _show(self, shown: Shown) -> None:
        self.shown = shown
        self.editing.show(shown)
        parent = self.sampling.parent_of_take(shown.id) or self.shelf.parent_of(shown.id)
        self.reading.follow(shown, parent)
        self.shown_changed.emit(shown)
