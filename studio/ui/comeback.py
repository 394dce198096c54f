"""What the window does after a crash: the step, the picture and the tab are where they were."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QTabBar

from studio.diffusion import SOLVERS
from studio.library import Recipe
from studio.session.recovery import Mark
from studio.session.studio import Studio
from studio.ui.sample_tab import SampleTab
from studio.ui.toast import Toasts


class Return(QObject):
    """Note what is looked at in the mark of the window, and look at it again after a crash."""

    def __init__(self, studio: Studio, tab: SampleTab, tabs: QTabBar, toasts: Toasts) -> None:
        super().__init__(tab)
        self._studio, self._tab, self._tabs, self._toasts = studio, tab, tabs, toasts
        note = studio.recovery.note
        tab.viewer.looked_at.connect(lambda step: note(step=step, view=tab.viewer.view))
        tab.canvas.followed.connect(lambda picture: note(followed=picture))
        tabs.currentChanged.connect(lambda place: note(tab=place))
        studio.comeback.restored.connect(self._on_restored)
        studio.comeback.interrupted.connect(self._on_interrupted)

    def _on_restored(self, mark: Mark) -> None:
        if mark.view:
            self._tab.viewer.set_view(mark.view)
        self._tab.canvas.follow(mark.followed)
        if mark.step >= 0:
            self._tab.timeline.choose(mark.step)
        if 0 <= mark.tab < self._tabs.count():
            self._tabs.setCurrentIndex(mark.tab)
        if mark.running is None:
            said = "The studio ended unexpectedly. What was open is here again."
            self._toasts.show_note(said)

    def _on_interrupted(self, recipe: Recipe) -> None:
        spec = SOLVERS.get(recipe.sampler)
        solver = spec.label if spec else recipe.sampler
        count = len(recipe.seeds)
        images = "1 image" if count == 1 else f"{count:,} images"
        toast = self._toasts.show_note(
            f"The studio ended unexpectedly while it sampled {images} with {solver}, "
            f"{recipe.steps} steps."
        )
        toast.add_action("Go on", lambda: self._studio.comeback.go_on(recipe))
        toast.stay()
