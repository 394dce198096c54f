"""The middle of the tab while there are no charts."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget


class Middle(QFrame):
    """Show nothing of a run."""

    recipe_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "canvas")

    def show_run(self, folder: Path | None) -> None:
        """Follow a run."""

    def stop(self) -> None:
        """Follow nothing."""
