"""The section that says so where a recipe changes on its way."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from studio.library import Recipe
from studio.library.lineage import changes_said
from studio.ui.row import MARGIN
from studio.ui.section import Section
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

_TIP = (
    "This take was branched, or knobs were turned while it ran. Generate goes the same way again, "
    "with the same changes at the same steps. The knobs below are those of its last part: as soon "
    "as you turn one, they hold from the first step on."
)


class WaySection(Section):
    """List how a recipe begins and what changes after which step; hidden where nothing does."""

    afresh_wanted = Signal()
    """The last part is to hold from the beginning."""

    def __init__(self) -> None:
        super().__init__("Stages", folds=False)
        self._words = QLabel()
        self._words.setProperty("role", "mono")
        self._words.setWordWrap(True)
        self._words.setToolTip(wrapped(_TIP))
        self._words.setAccessibleName("Stages of the recipe")
        afresh = QPushButton("Use the knobs below from the start")
        afresh.setObjectName("afresh")
        afresh.setAccessibleName(afresh.text())
        afresh.setToolTip("Forget the changes on the way: the knobs below hold from the first step")
        afresh.setProperty("kind", "link")
        afresh.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        afresh.clicked.connect(self.afresh_wanted)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(scaled(MARGIN), 0, scaled(MARGIN), 0)
        column.setSpacing(4)
        column.addWidget(self._words)
        column.addWidget(afresh)
        self.add(holder)
        self.hide()

    def show_whole(self, recipe: Recipe) -> None:
        """Show the way of a recipe with its segments."""
        self.setVisible(bool(recipe.segments))
        self._words.setText("\n".join((recipe.summary(), *changes_said(recipe))))
