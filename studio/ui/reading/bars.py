"""The lines of controls that belong to single views."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton

from studio.preferences import ReadingChoice
from studio.ui.reading.colour_scale import ColourScale
from studio.ui.reading.part import Part, box, figures, pick, word
from studio.ui.theme import scaled

_SHARES = (0.2, 0.4, 0.6, 0.8)
_TOLERANCES = (2, 4, 8, 16, 32, 64, 128, 256)


class OnionBar(Part):
    """How many steps shine through x̂₀, and how strongly."""

    chosen = Signal(dict)
    """Fields of the ReadingChoice."""

    def __init__(self) -> None:
        super().__init__("onion_bar")
        counts = [(count, str(count)) for count in range(9)]
        self.before = box("onion_before", "earlier steps", "Earlier x̂₀ to show", counts, 52)
        self.after = box("onion_after", "later steps", "Later x̂₀ to show", counts, 52)
        shares = [(share, f"{share:.0%}") for share in _SHARES]
        tip = "How much of the picture they make up; each step away counts half"
        self.opacity = box("onion_opacity", "opacity of the onion skin", tip, shares, 68)
        for text, control in (
            ("Onion skin: earlier", self.before),
            ("later", self.after),
            ("opacity", self.opacity),
        ):
            self.row.addWidget(word(text))
            self.row.addWidget(control)
        self.row.addStretch(1)
        for control in (self.before, self.after, self.opacity):
            control.currentIndexChanged.connect(self._on_changed)

    def show_choice(self, choice: ReadingChoice) -> None:
        """Show what is chosen."""
        pick(self.before, choice.onion_before)
        pick(self.after, choice.onion_after)
        pick(self.opacity, min(_SHARES, key=lambda share: abs(share - choice.onion_opacity)))

    def _on_changed(self) -> None:
        boxes = {
            "onion_before": self.before,
            "onion_after": self.after,
            "onion_opacity": self.opacity,
        }
        self.chosen.emit({name: control.currentData() for name, control in boxes.items()})


class DifferenceBar(Part):
    """With which take the shown one is compared, and by how much they differ."""

    chosen = Signal(dict)
    """Fields of the ReadingChoice."""

    def __init__(self) -> None:
        super().__init__("difference_bar")
        self.other = other_button()
        self.figures = figures()
        self.kind = box(
            "difference_kind",
            "kind of difference",
            "Mean: of the channels, with its sign. RMS: root mean square over them",
            [("signed", "Mean ±"), ("rms", "RMS")],
            84,
        )
        self.scale = ColourScale()
        self.row.addWidget(self.other)
        self.row.addWidget(self.figures, 1)
        self.row.addWidget(self.kind)
        self.row.addWidget(self.scale)
        self.kind.currentIndexChanged.connect(
            lambda: self.chosen.emit({"difference": self.kind.currentData()})
        )

    def show_choice(self, choice: ReadingChoice) -> None:
        """Show what is chosen."""
        pick(self.kind, choice.difference)


class SettlingBar(Part):
    """Within which tolerance a pixel counts as settled, and what the colours mean."""

    chosen = Signal(dict)
    """Fields of the ReadingChoice."""

    def __init__(self) -> None:
        super().__init__("settling_bar")
        self.tolerance = box(
            "tolerance",
            "tolerance",
            "A pixel is settled where no channel is further from its final value,\n"
            "as a share of the range from black to white",
            [(1 / part, f"1/{part}") for part in _TOLERANCES],
            74,
        )
        self.figures = figures()
        self.scale = ColourScale()
        self.row.addWidget(word("Settled within"))
        self.row.addWidget(self.tolerance)
        self.row.addWidget(self.figures, 1)
        self.row.addWidget(self.scale)
        self.tolerance.currentIndexChanged.connect(
            lambda: self.chosen.emit({"tolerance": self.tolerance.currentData()})
        )

    def show_choice(self, choice: ReadingChoice) -> None:
        """Show what is chosen."""
        nearest = min(_TOLERANCES, key=lambda part: abs(1 / part - choice.tolerance))
        pick(self.tolerance, 1 / nearest)


class PairBar(Part):
    """What lies on both sides of the A/B line."""

    chosen = Signal(dict)
    """Fields of the ReadingChoice."""

    def __init__(self) -> None:
        super().__init__("pair_bar")
        self.kind = box(
            "pair_kind",
            "what is compared",
            "Two steps: A is pinned, B is the step that is looked at.\n"
            "Two takes: x̂₀ of both at the same σ. x and x̂₀: the state beside its estimate",
            [("steps", "Two steps"), ("takes", "Two takes"), ("noise", "x and x̂₀")],
            110,
        )
        self.pin = QPushButton("Pin this step as A")
        self.pin.setFixedHeight(scaled(24))
        self.pin.setObjectName("pin_step")
        self.pin.setAccessibleName("pin this step as A")
        self.pin.setToolTip("Keep the step that is looked at as side A (A)")
        self.other = other_button()
        self.figures = figures()
        for control in (self.kind, self.pin, self.other):
            self.row.addWidget(control)
        self.row.addWidget(self.figures, 1)
        self.kind.currentIndexChanged.connect(
            lambda: self.chosen.emit({"pair": self.kind.currentData()})
        )

    def show_choice(self, choice: ReadingChoice) -> None:
        """Show what is chosen."""
        pick(self.kind, choice.pair)
        self.pin.setVisible(choice.pair == "steps")
        self.other.setVisible(choice.pair == "takes")


def other_button() -> QPushButton:
    """Return the button that asks for another take."""
    button = QPushButton("Compare with…")
    button.setFixedHeight(scaled(24))
    button.setAccessibleName("compare with another take")
    button.setToolTip(
        "Choose the take to compare with (C). At first it is the one that a branch\n"
        "came from, or the one that was looked at before"
    )
    return button
