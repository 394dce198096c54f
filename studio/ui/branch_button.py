"""The button that goes on from the step that is looked at."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from studio.library import Recipe, Trajectory
from studio.ui.icons import icon
from studio.ui.theme import current

_TIP = (
    "Go on from the state after this step with the knobs as they are now (B). The steps so far are "
    "shared; with nothing changed the rest is equal to the last bit"
)


class BranchButton(QPushButton):
    """Say from which step a branch would start; where none can, say why."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("branch")
        self.setAccessibleName("branch")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_state(None, None, -1, "")

    def show_state(
        self, frames: Trajectory | None, recipe: Recipe | None, index: int, problem: str
    ) -> None:
        """Follow what is looked at: step `index` (0-based) of `frames`, made by `recipe`."""
        why = problem or _reason(frames, recipe, index)
        self.setText(f"Branch from step {index + 1}" if index >= 0 else "Branch")
        self.setEnabled(not why)
        self.setToolTip(why or _TIP)
        self._renew_icon()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme or state."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.EnabledChange):
            self._renew_icon()

    def _renew_icon(self) -> None:
        tokens = current()
        self.setIcon(icon("branch", tokens.text if self.isEnabled() else tokens.muted))


def _reason(frames: Trajectory | None, recipe: Recipe | None, index: int) -> str:
    """Return why no branch can start, or nothing."""
    if recipe is None:
        return "Generate first: a branch goes on from a step of a run or take."
    if frames is None:
        return "The steps of this take are gone: Generate makes them again."
    if index < 0:
        return "No step is finished yet."
    if frames.sigmas_next[index] == 0 or index + 1 == frames.total:
        return "Nothing is left after the last step: go back on the timeline first."
    return ""
