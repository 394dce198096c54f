"""The right side of the Encode page: what the noise is like, and what can be made of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.session.editing.trip import Trip
from studio.ui.compare.parts import heading
from studio.ui.edit.label_row import LabelRow
from studio.ui.edit.trip_table import psnr_said
from studio.ui.theme import scaled
from studio.ui.ticks import figure
from studio.ui.tip import wrapped

_WIDTH = 236
_FIGURES = (
    ("PSNR", "Of the decoded picture against the original"),
    ("RMS", "Root mean square distance, in units of the data"),
    ("mean", "Mean of the noise: 0 for what the model makes itself"),
    ("std", "Standard deviation of the noise: 1 for what the model makes itself"),
    ("NFE", "Evaluations of the network, both ways together"),
)
_LABEL_TIP = (
    "The class to make of the noise: another one keeps composition and colours of the picture"
)


class NoisePanel(QWidget):
    """Show the figures of a round trip, and offer to go on from its noise."""

    generate_wanted = Signal(int)  # the class, -1 for none
    end_wanted = Signal(str)  # "a" or "b"
    sample_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumWidth(scaled(_WIDTH - 40))
        self.values = {name: _value(name) for name, _ in _FIGURES}
        self.label = LabelRow("noise_label", "Class", _LABEL_TIP)
        tip = "Sample from this noise with the class here and the solver of the page, as a take"
        self.generate = _button("Generate from it", "noise_generate", tip)
        tip = "Take the noise to the Sample tab, with every knob there"
        self.sample = _button("Send to Sample", "noise_sample", tip)
        self.a = _button("Use as A", "noise_a", "Begin an interpolation at this noise")
        self.b = _button("Use as B", "noise_b", "End an interpolation at this noise")
        self.generate.clicked.connect(lambda: self.generate_wanted.emit(self.label.value))
        self.sample.clicked.connect(lambda: self.sample_wanted.emit(self.label.value))
        self.a.clicked.connect(lambda: self.end_wanted.emit("a"))
        self.b.clicked.connect(lambda: self.end_wanted.emit("b"))
        self._lay_out()
        self.show_trip(None)

    def show_trip(self, trip: Trip | None, problem: str = "") -> None:
        """Show a round trip, or that there is none yet; `problem` says why nothing can be made."""
        said = _said(trip) if trip is not None else {}
        for name, value in self.values.items():
            value.setText(said.get(name, "–"))
        why = problem or ("" if trip is not None else "Encode a picture first.")
        for button in (self.generate, self.sample):
            button.setEnabled(not why)
            button.setToolTip(wrapped(why or str(button.property("tip"))))
        for button in (self.a, self.b):
            button.setEnabled(trip is not None)
        self.label.setEnabled(trip is not None)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(scaled(12), 0, scaled(12), 0)
        grid.setVerticalSpacing(scaled(6))
        for row, (name, tip) in enumerate(_FIGURES):
            label = QLabel(name)
            label.setProperty("role", "label")
            for widget in (label, self.values[name]):
                widget.setToolTip(wrapped(tip))
            grid.addWidget(label, row, 0)
            grid.addWidget(self.values[name], row, 1, Qt.AlignmentFlag.AlignRight)
        ends = QGridLayout()
        ends.setContentsMargins(scaled(12), 0, scaled(12), 0)
        ends.setSpacing(scaled(8))
        ends.addWidget(self.generate, 0, 0, 1, 2)
        ends.addWidget(self.sample, 1, 0, 1, 2)
        ends.addWidget(self.a, 2, 0)
        ends.addWidget(self.b, 2, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, scaled(10), 0, scaled(12))
        column.setSpacing(scaled(8))
        column.addWidget(_inset("THE NOISE"))
        column.addLayout(grid)
        column.addSpacing(scaled(10))
        column.addWidget(_inset("MAKE SOMETHING OF IT"))
        column.addWidget(self.label)
        column.addLayout(ends)
        column.addStretch(1)


def _said(trip: Trip) -> dict[str, str]:
    return {
        "PSNR": psnr_said(trip.psnr),
        "RMS": figure(trip.rms),
        "mean": f"{trip.mean:+.3f}",
        "std": f"{trip.spread:.3f}",
        "NFE": f"{trip.nfe:,}",
    }


def _inset(text: str) -> QLabel:
    label = heading(text)
    label.setContentsMargins(scaled(12), 0, scaled(12), 0)
    return label


def _value(name: str) -> QLabel:
    label = QLabel("–")
    label.setProperty("role", "figure")
    label.setAccessibleName(f"{name} of the round trip")
    return label


def _button(text: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setProperty("tip", tip)
    button.setToolTip(wrapped(tip))
    button.setFixedHeight(scaled(30))
    return button
