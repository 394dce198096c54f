"""What makes cells, comparisons and sweeps, and how they hang together with the session."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from studio.diffusion import METHODS
from studio.engine.job import CellsEnding
from studio.library.sweeps import Axis
from studio.preferences import Settings
from studio.session.comparing import Comparing
from studio.session.editing.desk import EditDesk
from studio.session.editor import RecipeEditor
from studio.session.modeldesk import ModelDesk
from studio.session.sweeping import SweepDesk


class CellWork(QObject):
    """Let both stand on recipe, model and settings as they are, and keep what was chosen for them.

    `settings()` returns the settings, `remember(name=value)` changes one.
    """

    compared = Signal()
    """A comparison is over; it may have fitted schedules."""
    failed = Signal(object)  # Fault

    def __init__(
        self,
        comparing: Comparing,
        sweeping: SweepDesk,
        editor: RecipeEditor,
        models: ModelDesk,
        *,
        settings: Callable[[], Settings],
        remember: Callable[..., None],
    ) -> None:
        super().__init__(editor)
        self._editor, self._models, self._settings = editor, models, settings
        self._sweeping = sweeping
        comparing.recall(settings().comparison)
        sweeping.recall(settings().sweep)
        for name, desk in (("comparison", comparing), ("sweep", sweeping)):
            self._keep_choice(name, desk, remember)
            desk.ended.connect(self._on_ended)
        comparing.ended.connect(lambda _ending: self.compared.emit())
        sweeping.failed.connect(self.failed)

    def prepare(self, desk: Comparing | SweepDesk) -> None:
        """Let `desk` stand on the recipe and the model as they are now."""
        info, settings = self._models.info, self._settings()
        if info is not None and self._models.digest:
            info = replace(info, sha256=self._models.digest)
        compiled = " compiled" if settings.compile else ""
        computed_by = f"{settings.device} {settings.dtype}{compiled}"
        desk.set_base(self._editor.recipe, info, settings.output_folder, computed_by)

    def sweep_methods(self, desk: EditDesk) -> None:
        """Let the sweep go over every method that can restore the picture of the Edit tab."""
        able = {id: spec.label for id, spec in METHODS.items() if id not in desk.refusals}
        axis = Axis(field="sampler", values=tuple(able), names=tuple(able.values()))
        metric = "residual" if desk.task.measured else "psnr"
        self.prepare(self._sweeping)
        self._sweeping.pinned = desk.editor.recipe
        self._sweeping.choose(axes=(axis,), seeds=desk.editor.recipe.seeds, metric=metric)

    def _keep_choice(
        self, name: str, desk: Comparing | SweepDesk, remember: Callable[..., None]
    ) -> None:
        desk.changed.connect(lambda: remember(**{name: desk.choice.model_dump(mode="json")}))

    def _on_ended(self, ending: CellsEnding) -> None:
        if ending.fault is not None:
            self.failed.emit(ending.fault)
