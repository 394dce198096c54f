"""A section of the sampler panel: its rows speak in fields of the recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from studio.ui.knob_stack import KnobStack
from studio.ui.line_room import fit_lines
from studio.ui.row import MARGIN, Row
from studio.ui.section import Section
from studio.ui.theme import scaled

if TYPE_CHECKING:
    from studio.library import Recipe


class RecipeSection(Section):
    """Gather the signals of rows; names in them are fields of a recipe."""

    changed = Signal(str, object)
    committed = Signal(str)
    problem_changed = Signal(str, str)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show a recipe without a signal."""

    def add_rows(self, *parts: Row | KnobStack) -> None:
        """Put rows below the others and pass on what they say."""
        for part in parts:
            self.add(part)
            part.changed.connect(self.changed)
            part.committed.connect(self.committed)
            part.problem_changed.connect(self.problem_changed)


class Remark(QWidget):
    """A line of text below a row; it takes no room while it is empty."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setProperty("role", role)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.label.setSizePolicy(policy)
        row = QHBoxLayout(self)
        row.setContentsMargins(scaled(MARGIN), scaled(2), scaled(MARGIN), scaled(6))
        row.addWidget(self.label)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def text(self) -> str:
        """Return what is said."""
        return self.label.text()

    def say(self, text: str) -> None:
        """Show `text`, or nothing."""
        self.label.setText(text)
        self._fit()
        self.setVisible(bool(text))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep room for every line."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Take the height that the lines need at this width, whatever the layout would offer."""
        fit_lines(self.label, self.width() - 2 * scaled(MARGIN))
