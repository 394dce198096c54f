"""The left side of the Interpolate page: the ends, the way, Interpolate and Stop."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal

from studio.session.editing.encoding import encoders
from studio.session.editing.way_choice import FRAMES, SAMPLES, STRENGTH, WAY_STEPS, Choice
from studio.ui.edit.encode_panel import titled
from studio.ui.edit.label_row import LabelRow
from studio.ui.edit.picture_card import PictureCard
from studio.ui.edit.side_panel import SidePanel
from studio.ui.edit.task_row import INTERPOLATE
from studio.ui.knob_row import NumberRow
from studio.ui.row import Row
from studio.ui.section import Section
from studio.ui.spec_row import SpecRow
from studio.ui.view_switch import ViewSwitch

_TIP = "Encode what has no noise yet, and make the pictures on the way (Ctrl+Enter)"
_MODES = (
    ("between", "A to B", "from A to B", "Go from picture A to picture B"),
    ("classes", "Class to class", "from class to class", "Change the class of picture A"),
)
_A_TIP = "Where the way begins: a picture, a take, or a noise from the Encode page"
_B_TIP = "Where the way ends: a picture, a take, or a noise from the Encode page"
_LABEL_TIP = "The class that the model is told while it makes the frames"
_FROM_TIP = "The class whose mean noise is taken away"
_TO_TIP = "The class whose mean noise is put in"


class InterpolatePanel(SidePanel):
    """Choose the ends and the way."""

    chosen = Signal(str, object)
    picture_wanted = Signal(str, str)  # end, offer
    dropped = Signal(str, object)  # end, Path
    swap_pressed = Signal()

    def __init__(self) -> None:
        super().__init__(INTERPOLATE, "Interpolate", "interpolate", "interpolating", _TIP)
        self.mode = ViewSwitch(views=_MODES, view="between", wide=True)
        self.mode.setAccessibleName("which way is gone")
        self.cards = {
            "a": PictureCard("end_a", "picture A", _A_TIP, "A: no picture yet"),
            "b": PictureCard("end_b", "picture B", _B_TIP, "B: no picture yet"),
        }
        self.origin = LabelRow("class_from", "From class", _FROM_TIP, none="")
        self.target = LabelRow("class_to", "To class", _TO_TIP, none="")
        self.strength, self.samples = NumberRow(STRENGTH), NumberRow(SAMPLES)
        self.frames, self.steps = NumberRow(FRAMES), NumberRow(WAY_STEPS)
        self.solver = SpecRow("way_solver", "Solver", encoders(), "heun")
        self.label = LabelRow("way_label", "Class", _LABEL_TIP)
        self.classes = Section("Classes", folds=False)
        self.way = Section("The way", folds=False)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        classes: tuple[Row, ...] = (self.origin, self.target, self.strength, self.samples)
        way: tuple[Row, ...] = (self.frames, self.solver, self.steps, self.label)
        for section, rows in ((self.classes, classes), (self.way, way)):
            for row in rows:
                section.add(row)
        self.add(titled("FROM WHERE TO WHERE", self.mode, *self.cards.values()))
        self.add(self.classes)
        self.add(self.way)

    def _connect(self) -> None:
        self.mode.chosen.connect(lambda mode: self.chosen.emit("mode", mode))
        for end, card in self.cards.items():
            card.wanted.connect(partial(self._on_wanted, end))
            card.dropped.connect(partial(self.dropped.emit, end))
        named: dict[str, Row] = {
            "origin": self.origin,
            "target": self.target,
            "label": self.label,
            "solver": self.solver,
            "strength": self.strength,
            "samples": self.samples,
            "frames": self.frames,
            "way_steps": self.steps,
        }
        for name, row in named.items():
            row.changed.connect(lambda _id, value, name=name: self.chosen.emit(name, value))

    def show_choice(self, choice: Choice) -> None:
        """Show the choice without a signal."""
        between = choice.mode == "between"
        self.mode.show_segment(choice.mode)
        self.cards["b"].setVisible(between)
        self.classes.setVisible(not between)
        self.label.set_value(choice.label)
        self.origin.set_value(choice.origin)
        self.target.set_value(choice.target)
        self.solver.set_value(choice.solver)
        for row, value in (
            (self.strength, choice.strength),
            (self.samples, choice.samples),
            (self.frames, choice.frames),
            (self.steps, choice.way_steps),
        ):
            row.set_value(value)

    def set_names(self, names: tuple[str, ...]) -> None:
        """Offer the classes of a model."""
        for row in (self.origin, self.target, self.label):
            row.set_names(names)

    def _on_wanted(self, end: str, offer: str) -> None:
        if offer == "swap":
            self.swap_pressed.emit()
        else:
            self.picture_wanted.emit(end, offer)
