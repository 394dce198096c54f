"""Offering the list of σ that was fitted to the open model and the chosen solver."""

from pathlib import Path

from studio.diffusion import SAMPLERS
from studio.library.fits import Fit, Fits
from studio.session.comparing import picked
from studio.session.editor import RecipeEditor
from studio.session.modeldesk import ModelDesk


class Fitting:
    """Find the fit that suits the recipe, among those kept in `folder`."""

    def __init__(self, editor: RecipeEditor, models: ModelDesk, folder: Path) -> None:
        self._editor, self._models, self._folder = editor, models, folder
        self._fits: Fits | None = None

    def look_again(self) -> None:
        """Read the fits anew when they are next asked for: there may be more."""
        self._fits = None

    def offered(self) -> Fit | None:
        """Return the schedule fitted to model, solver and steps, if it is better and not in use."""
        recipe, digest = self._editor.recipe, self._models.digest
        if not digest:
            return None
        model = recipe.model.model_copy(update={"sha256": digest})
        key = recipe.model_copy(update={"model": model}).weights_key
        if self._fits is None or self._fits.sha256 != key:
            self._fits = Fits(self._folder, key)
        solver = picked(recipe.sampler, SAMPLERS, recipe.sampler, recipe.knobs)
        fit = self._fits.find(solver.id, solver.knobs, recipe.steps)
        in_use = fit and recipe.schedule_knobs.get("levels") == fit.levels
        return fit if fit and fit.better and not in_use else None

    def use(self) -> None:
        """Take the fitted schedule over as a list of levels, which stays what it is."""
        fit = self.offered()
        if fit is not None:
            changes: dict[str, object] = {"sigma_min": None, "sigma_max": None}
            changes |= {"schedule": "custom", "schedule_knobs.levels": fit.levels}
            self._editor.edit_all(changes)
