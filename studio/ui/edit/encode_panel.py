"""The left side of the Encode page: the picture, the solver, Encode and Stop."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.session.editing.encoding import STEPS, encoders
from studio.ui.compare.parts import heading
from studio.ui.edit.label_row import LabelRow
from studio.ui.edit.picture_card import PictureCard
from studio.ui.edit.side_panel import SidePanel
from studio.ui.edit.task_row import ENCODE
from studio.ui.knob_row import NumberRow
from studio.ui.section import Section
from studio.ui.spec_row import SpecRow
from studio.ui.theme import scaled

_TIP = "Follow the flow from the picture up to the noise, and down again (Ctrl+Enter)"
_CARD_TIP = "The picture that is encoded. Drop a file here, or press Ctrl+V to paste one."
_LABEL_TIP = (
    "The class that the model is told on both ways. The noise of a picture depends on it: with its "
    "true class, the noise keeps less of the picture."
)


class EncodePanel(SidePanel):
    """Choose what is encoded, and how."""

    chosen = Signal(str, object)

    def __init__(self) -> None:
        super().__init__(ENCODE, "Encode", "encode", "encoding", _TIP)
        self.card = PictureCard("encode_picture", "picture", _CARD_TIP)
        self.solver = SpecRow("encode_solver", "Solver", encoders(), "heun")
        self.steps = NumberRow(STEPS)
        self.label = LabelRow("encode_label", "Class", _LABEL_TIP)
        self.way = Section("The way", folds=False)
        for row in (self.solver, self.steps, self.label):
            self.way.add(row)
        self.add(titled("PICTURE", self.card))
        self.add(self.way)
        self.solver.changed.connect(lambda _id, value: self.chosen.emit("solver", value))
        self.steps.changed.connect(lambda _id, value: self.chosen.emit("steps", value))
        self.label.changed.connect(lambda _id, value: self.chosen.emit("label", value))

    def show_values(self, solver: str, steps: int, label: int) -> None:
        """Show the settings without a signal."""
        self.solver.set_value(solver)
        self.steps.set_value(steps)
        self.label.set_value(label)


def titled(text: str, *widgets: QWidget) -> QWidget:
    """Return widgets under a heading."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(scaled(12), scaled(6), scaled(12), scaled(8))
    column.setSpacing(scaled(8))
    column.addWidget(heading(text))
    for widget in widgets:
        column.addWidget(widget)
    return holder
