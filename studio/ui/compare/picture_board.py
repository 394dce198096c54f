"""The lower half of the Compare tab: all pictures side by side, or two of them over each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from studio.ui.choice import Choice
from studio.ui.compare.ab_view import ABView
from studio.ui.compare.picture_matrix import PictureMatrix, Pixels, Place, RowName
from studio.ui.quiet_button import QuietButton
from studio.ui.theme import heading_font, scaled

_HINT = "same noise · zoom is shared"


class PictureBoard(QWidget):
    """Show one picture of every cell; `seed_chosen` says of which seed."""

    seed_chosen = Signal(int)  # its number in the list of seeds

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.matrix = PictureMatrix()
        self.ab_view = ABView()
        self.seed = Choice("compare_seed", "picture", "The seed whose pictures are shown")
        self.seed.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.seed.setFixedWidth(scaled(120))
        self.seed.activated.connect(self.seed_chosen)
        self.ab_button = QuietButton("ab_button", self)
        self.ab_button.setAccessibleName("A against B")
        self.ab_button.setCheckable(True)
        self.ab_button.setToolTip("Click a picture: A; Shift+click another: B; then drag the line")
        self.ab_button.toggled.connect(self._on_toggled)
        self.matrix.marked.connect(self._on_marked)
        self.ab_view.left.connect(lambda: self.ab_button.setChecked(False))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.matrix)
        self._stack.addWidget(self.ab_view)
        self._tools, self._line = QHBoxLayout(), QHBoxLayout()
        self._lay_out()
        self._on_marked(None, None)

    def add_tools(self, beside: Sequence[QWidget], below: Sequence[QWidget]) -> None:
        """Put widgets beside the title, and others in a line below it, the last at its end."""
        for widget in beside:
            self._tools.addWidget(widget)
        for widget in below:
            self._line.addWidget(widget, 1 if isinstance(widget, QLabel) else 0)

    def _lay_out(self) -> None:
        title, hint = QLabel("PICTURES"), QLabel(_HINT)
        title.setProperty("role", "heading")
        title.setFont(heading_font())
        hint.setProperty("role", "mono")
        head = QHBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.setSpacing(12)
        head.addWidget(title)
        self._tools.setSpacing(12)
        head.addLayout(self._tools)
        head.addStretch(1)
        for widget in (hint, self.ab_button, self.seed):
            head.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(6)
        self._line.setContentsMargins(12, 0, 12, 0)
        self._line.setSpacing(12)
        column.addLayout(head)
        column.addLayout(self._line)
        column.addWidget(self._stack, 1)

    def show_seeds(self, seeds: Sequence[int], index: int) -> None:
        """Offer these seeds and show that with the number `index` as chosen."""
        if [self.seed.itemData(i) for i in range(self.seed.count())] != list(seeds):
            self.seed.clear()
            for seed in seeds:
                self.seed.add_choice(seed, f"seed {seed}")
        self.seed.setCurrentIndex(index)

    def show_table(
        self, rows: Sequence[RowName], columns: Sequence[str], places: Collection[Place] = ()
    ) -> None:
        """Show the names of rows and columns; the pictures stay while these are the same.

        places: where pictures are, or will be.
        """
        if (self.matrix.rows, self.matrix.columns) != (tuple(rows), tuple(columns)):
            self.matrix.set_table(rows, columns)
        self.matrix.places = frozenset(places)

    def show_pictures(self, pictures: Mapping[Place, Pixels], remarks: Mapping[Place, str]) -> None:
        """Show what is there, and where nothing is, why."""
        self.matrix.set_pictures(pictures, remarks)
        self._show_pair()

    def _on_marked(self, a: Place | None, b: Place | None) -> None:
        ready = a is not None and b is not None
        self.ab_button.setEnabled(ready)
        self.ab_button.set_text("A|B")
        if not ready:
            self.ab_button.setChecked(False)
        self._show_pair()

    def _on_toggled(self, on: bool) -> None:
        self._show_pair()
        shown = self.ab_view if on else self.matrix
        self._stack.setCurrentWidget(shown)
        shown.setFocus()

    def _show_pair(self) -> None:
        a, b = self.matrix.a, self.matrix.b
        pictures = self.matrix.pictures
        if a in pictures and b in pictures:
            assert a is not None
            assert b is not None
            self.ab_view.show_pair(pictures[a], pictures[b], (self._name(a), self._name(b)))

    def _name(self, place: Place) -> str:
        row = self.matrix.rows[place[0]]
        return " · ".join(filter(None, (row.name, row.note, self.matrix.columns[place[1]])))
