"""Ask what to export of the take that is shown, and how."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.library.export.scene import Look
from studio.session.exporting import FILMS, KINDS, STRIP, Wish
from studio.ui.choice import Choice
from studio.ui.row import Row
from studio.ui.switch import Switch
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

_TIPS = {
    "kind": "A film of the trajectory, a filmstrip with a column for each step, a table of σ and "
    "figures per step, or a Python script that makes the pictures again.",
    "pictures": "All pictures of the batch side by side, or only the one that is followed.",
    "side": "How wide the pictures are together; small ones are enlarged by whole numbers.",
    "speed": "Steps per second; the last one is held for 1.5 seconds.",
    "words": "Write step and σ below the pictures of a film, σ and seeds beside a filmstrip.",
    "plot": "Draw the schedule below the pictures, with the step marked.",
}
_SIDES, _SPEEDS = (256, 512, 1024), (2, 5, 10, 15, 30)


class ExportDialog(QDialog):
    """Offer the kinds of files; what is chosen comes as an ending and a Wish."""

    chosen = Signal(str, object)  # ending, Wish

    def __init__(
        self, seeds: Sequence[int], followed: int, view: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("export_dialog")
        self.setWindowTitle("Export the take")
        self.setModal(True)
        self._view = view
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(scaled(8), scaled(16), scaled(8), scaled(12))
        self._column.setSpacing(scaled(4))
        self.kind = self._choice("kind", "Kind", list(KINDS.items()))
        one = (followed, f"Seed {seeds[followed]} only")
        batch = [(None, f"All {len(seeds)}")] if len(seeds) > 1 else []
        self.pictures = self._choice("pictures", "Pictures", [*batch, one])
        self.side = self._choice("side", "Width", [(n, f"{n} pixels") for n in _SIDES])
        self.speed = self._choice("speed", "Speed", [(n, f"{n} steps per second") for n in _SPEEDS])
        self.words = self._switch("words", "Step and σ")
        self.plot = self._switch("plot", "Schedule")
        self.side.choose(512)
        self.speed.choose(10)
        self._add_foot()
        self.kind.currentIndexChanged.connect(self._show_kind)
        self._show_kind()
        self.setMinimumWidth(scaled(400))

    def wish(self) -> Wish:
        """Return what is chosen."""
        look = Look(self.side.currentData(), self.words.isChecked(), self.plot.isChecked())
        return Wish(self.pictures.currentData(), self._view, self.speed.currentData(), look)

    def _choice(self, name: str, label: str, choices: Sequence[tuple[object, str]]) -> Choice:
        box = Choice(f"export_{name}", label, wrapped(_TIPS[name]))
        for value, text in choices:
            box.add_choice(value, text)
        self._add_row(name, label, box, 1)
        return box

    def _switch(self, name: str, label: str) -> Switch:
        switch = Switch(f"export_{name}", label, wrapped(_TIPS[name]))
        switch.setChecked(True)
        self._add_row(name, label, switch, 0)
        return switch

    def _add_row(self, name: str, label: str, control: QWidget, stretch: int) -> None:
        row = Row((name,), label, wrapped(_TIPS[name]))
        row.add_control(control, stretch)
        if not stretch:
            row.controls.addStretch(1)
        row.label.setBuddy(control)
        self._column.addWidget(row)

    def _add_foot(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(scaled(12), scaled(12), scaled(12), 0)
        cancel, export = QPushButton("Cancel"), QPushButton("Export…")
        cancel.setToolTip("Export nothing (Esc)")
        export.setObjectName("export_now")
        export.setToolTip("Choose where, and export")
        export.setDefault(True)
        export.setProperty("kind", "primary")
        cancel.clicked.connect(self.reject)
        export.clicked.connect(self._on_export)
        foot.addWidget(QLabel(), 1)
        foot.addWidget(cancel)
        foot.addWidget(export)
        self._column.addStretch(1)
        self._column.addLayout(foot)

    def _show_kind(self) -> None:
        film, strip = self.kind.currentData() in FILMS, self.kind.currentData() == STRIP
        for control in (self.pictures, self.words):
            control.setEnabled(film or strip)
        for control in (self.side, self.speed, self.plot):
            control.setEnabled(film)

    def _on_export(self) -> None:
        self.accept()
        self.chosen.emit(self.kind.currentData(), self.wish())
