"""Going on from a step that was already taken, by wish or because a knob was turned."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from studio.engine.fault import Fault
from studio.engine.shared import shared_steps
from studio.library import Recipe, RecipeError, Trajectory
from studio.session.editor import RecipeEditor
from studio.session.modeldesk import ModelDesk
from studio.session.sampling import Sampling, Shown


class Branching(QObject):
    """Start runs in the middle of what is shown.

    `shown()` returns what the canvas looks at; `here(recipe)` a recipe with its models where they
    are now.
    """

    failed = Signal(object)  # Fault

    def __init__(
        self,
        editor: RecipeEditor,
        models: ModelDesk,
        sampling: Sampling,
        *,
        shown: Callable[[], Shown | None],
        here: Callable[[Recipe], Recipe],
    ) -> None:
        super().__init__(sampling)
        self._editor, self._models, self._sampling = editor, models, sampling
        self._shown, self._here = shown, here

    def branch(self, step: int) -> None:
        """Go on from what is shown after `step` (0-based), with the knobs as they are now."""
        shown = self._shown()
        if shown is None or not self._models.ready or self._editor.problem:
            return
        try:
            recipe = self._here(shown.recipe).branched(step + 1, self._editor.recipe)
        except RecipeError as error:
            self.failed.emit(Fault(str(error)))
            return
        frames = shown.trajectory
        past = frames.upto(step + 1) if frames is not None else None
        self._sampling.branch(recipe, past, shown.id)

    def follow_edit(self) -> None:
        """Let the run in progress go on with the recipe as it is now, or sample it anew.

        What is sampled anew goes on from the first step that the edit changes.
        """
        if not self._models.ready or self._editor.problem:
            return
        if not self._sampling.steer(self._editor.recipe):
            self._sampling.resample(*self._from_first_change())

    @property
    def kept_steps(self) -> int:
        """Return how many steps of what is shown the present recipe would take again."""
        shown, plan = self._shown(), self._editor.plan
        if shown is None or shown.trajectory is None or plan is None:
            return 0
        shared = shared_steps(shown.recipe, self._editor.whole, plan.sigmas)
        return min(shared, len(shown.trajectory))

    def _from_first_change(self) -> tuple[Recipe, Trajectory | None]:
        """Return the present recipe, with the steps that need not be taken again."""
        recipe, shown, plan = self._editor.whole, self._shown(), self._editor.plan
        kept = self.kept_steps
        if not kept or shown is None or shown.trajectory is None or plan is None:
            return recipe, None
        made = {"labels": shown.recipe.labels, "precision": shown.recipe.precision}
        frozen = recipe.model_copy(update={"sigmas": plan.sigmas, **made})
        return frozen, shown.trajectory.upto(min(kept, len(plan.sigmas) - 2))
