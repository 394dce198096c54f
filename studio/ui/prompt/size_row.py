"""The row of width and height."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QLabel, QMenu

from studio.diffusion import Knob
from studio.engine.sizes import nearest_side
from studio.library.fields import MAX_SIDE
from studio.ui.field import IntField
from studio.ui.icon_button import IconButton
from studio.ui.prompt.aspects import aspects
from studio.ui.row import Row
from studio.ui.scale import Scale
from studio.ui.theme import mono_font, scaled
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.models import ModelInfo

_HELP = (
    "of the pictures in pixels, a multiple of what the model's layers ask for. The model's own "
    "size is what it was trained on; far from it things double or fall apart."
)
_TIP = wrapped(f"Width and height {_HELP}", "Double-click the name for the model's own size.")


class SizeRow(Row):
    """Edit `width` and `height` of a recipe; 0 there is the model's own, which is shown instead.

    `sized` tells both at once, so that a swap is one edit.
    """

    sized = Signal(int, int)

    def __init__(self) -> None:
        super().__init__(("width", "height"), "Size", _TIP)
        self._own = {"width": 64, "height": 64}
        self._multiple = 8
        self.fields = {name: _field(name) for name in self.ids}
        self.swap = IconButton("swap", "swap width and height", wrapped("Swap width and height."))
        self.presets = IconButton("chevron", "sizes to choose from", wrapped("Usual shapes."))
        self.menu = QMenu(self)
        self.presets.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        self.presets.setMenu(self.menu)
        self.presets.setProperty("menu", True)
        self.menu.aboutToShow.connect(self._fill_menu)
        by = QLabel("×")
        by.setProperty("role", "muted")
        by.setFont(mono_font())
        by.setFixedWidth(scaled(14))
        by.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for part in (self.fields["width"], by, self.fields["height"]):
            self.add_control(part, 0)
        self.controls.addStretch(1)
        self.controls.addWidget(self.swap)
        self.controls.addWidget(self.presets)
        self.label.setBuddy(self.fields["width"])
        self.swap.clicked.connect(self._on_swapped)
        for name, field in self.fields.items():
            field.valueChanged.connect(lambda value, n=name: self._take({n: value}))
            field.problem_changed.connect(lambda why, n=name: self.problem_changed.emit(n, why))

    @property
    def sides(self) -> tuple[int, int]:
        """Return (width, height) as they are shown."""
        return self.fields["width"].value(), self.fields["height"].value()

    def set_values(self, width: int, height: int) -> None:
        """Show a size without a signal; 0 is the model's own."""
        given = {"width": width, "height": height}
        for name, value in given.items():
            self._show(name, value or self._own[name])
        self.set_modified(any(given.values()))

    def set_model(self, info: ModelInfo) -> None:
        """Take the model's own size, and go in its steps."""
        _, height, width = info.shape
        self._own = {"width": width * info.pixels, "height": height * info.pixels}
        self._multiple = max(1, info.multiple)
        for field in self.fields.values():
            old = field.scale
            field.scale = Scale(
                low=old.low,
                high=old.high,
                left=old.left,
                right=old.right,
                integer=True,
                step=self._multiple,
            )

    def reset(self) -> None:
        """Go back to the model's own size."""
        self._take(dict(self._own))

    def _take(self, sides: dict[str, int]) -> None:
        """Take sides that the person gave, to the nearest multiple; the model's own is 0."""
        own = self._own
        for name, side in sides.items():
            fitting = side if side == own[name] else nearest_side(side, self._multiple)
            self._show(name, fitting)
        shown = dict(zip(self.ids, self.sides, strict=True))
        given = {name: 0 if side == own[name] else side for name, side in shown.items()}
        self.set_modified(any(given.values()))
        self.sized.emit(given["width"], given["height"])

    def _show(self, name: str, value: int) -> None:
        field = self.fields[name]
        if value != field.value() or field.problem:
            with QSignalBlocker(field):
                field.setValue(value)
            self.problem_changed.emit(name, field.problem)

    def _on_swapped(self) -> None:
        width, height = self.sides
        self._take({"width": height, "height": width})

    def _fill_menu(self) -> None:
        self.menu.clear()
        size = (self._own["width"], self._own["height"])
        for words, (width, height) in aspects(size, self._multiple):
            action = self.menu.addAction(f"{words}\t{width} × {height}")
            action.setCheckable(True)
            action.setChecked((width, height) == self.sides)
            sides = {"width": width, "height": height}
            action.triggered.connect(lambda _on, s=sides: self._take(s))


def _field(name: str) -> IntField:
    label = name.capitalize()
    knob = Knob(
        name,
        label,
        512,
        low=1,
        high=MAX_SIDE,
        soft=(64, 2048),
        unit="pixels",
        help=f"{label} {_HELP}",
        source="Rombach et al. 2022 (latents of any size)",
    )
    field = IntField(knob)
    field.setFixedWidth(scaled(52))
    return field
