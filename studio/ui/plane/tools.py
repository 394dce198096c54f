"""The row above the plane: which coordinates are seen, and what lies under the points."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from studio.ui.elided_label import ElidedLabel
from studio.ui.plane.scene import FIRST, LAYERS, PLANE, SECOND
from studio.ui.quiet_button import QuietButton
from studio.ui.theme import scaled

_MODES = {
    PLANE: ("plane", "Both coordinates"),
    FIRST: (
        "x₁(σ)",
        "The first coordinate against σ, with the density of each σ\n"
        "(as in Figure 3 of Karras et al. 2022)",
    ),
    SECOND: ("x₂(σ)", "The second coordinate against σ, with the density of each σ"),
}
_LAYERS = {
    "density": ("density", "The density of the data under the noise of this step, p(x; σ)"),
    "field": (
        "field",
        "The flow at this σ: dx/dσ = (x − D(x; σ)) / σ, drawn the way that σ falls,\n"
        "for the class and guidance of the followed point",
    ),
    "paths": ("paths", "The ways of all points, up to this step"),
    "scaled": (
        "scaled",
        "Shrink noisy points by 1/√(1 + σ²/σ²data), so that all of the way is seen.\n"
        "Without it, the plane is as the solver sees it: the points come from far away",
    ),
}


class PlaneTools(QWidget):
    """Choose a mode and show or hide layers."""

    mode_chosen = Signal(str)
    layer_toggled = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(scaled(26))
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 12, 4)
        row.setSpacing(6)
        group = QButtonGroup(self)
        self.modes = {mode: self._button(f"plane_{mode}", *_MODES[mode]) for mode in _MODES}
        for mode, button in self.modes.items():
            group.addButton(button)
            button.clicked.connect(lambda _on, mode=mode: self.mode_chosen.emit(mode))
            row.addWidget(button)
        self.caption = ElidedLabel("", self)
        self.caption.setProperty("role", "mono")
        self.caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row.addWidget(self.caption, 1)
        self.layers = {layer: self._button(f"plane_{layer}", *_LAYERS[layer]) for layer in LAYERS}
        for layer, button in self.layers.items():
            button.clicked.connect(lambda on, layer=layer: self.layer_toggled.emit(layer, on))
            row.addWidget(button)

    def show_look(self, mode: str, layers: frozenset[str]) -> None:
        """Show without a signal what is chosen."""
        self.modes[mode].setChecked(True)
        for layer, button in self.layers.items():
            button.setChecked(layer in layers)

    def show_caption(self, text: str) -> None:
        """Show what is hovered, or what the axes are."""
        self.caption.setText(text)
        self.caption.setToolTip(text)

    def _button(self, name: str, text: str, tip: str) -> QuietButton:
        button = QuietButton(name, self)
        button.set_text(text)
        button.setCheckable(True)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        return button
