"""The line above the canvas of the Restore page: what the tool does, the zoom, the views."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.ui.canvas_header import StatusPill
from studio.ui.quiet_button import QuietButton
from studio.ui.theme import scaled
from studio.ui.view_switch import ViewSwitch

MEASUREMENT, MASK, ESTIMATE, WIPE = "measurement", "mask", "x0", "wipe"
VIEWS = (
    (
        MEASUREMENT,
        "Measurement",
        "measurement",
        "y: all that the method gets to know of the picture; chequers where it knows nothing",
    ),
    (MASK, "Mask", "mask", "What is to be made anew is red: paint it with the tools on the left"),
    (
        ESTIMATE,
        "x̂₀",
        "estimate x0",
        "x̂₀: what the method takes the picture to be, at every step while it runs",
    ),
    (
        WIPE,
        "Before | after",
        "before and after",
        "What was there and what was made of it, with a line between that is dragged",
    ),
)
_ZOOM_TIP = (
    "Zoom: screen pixels per picture pixel.\n"
    "Press to fit the picture (0). The wheel, + and − zoom; 1 shows 100 %"
)


class EditHeader(QWidget):
    """Say what is going on and choose what the canvas shows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(scaled(26) + 18)
        self.pill = StatusPill(self)
        self.zoom = QuietButton("edit_zoom", self)
        self.zoom.setAccessibleName("zoom")
        self.zoom.setFixedWidth(scaled(48))  # the switch beside it stays in its place
        self.zoom.setToolTip(_ZOOM_TIP)
        self.switch = ViewSwitch(self, views=VIEWS, view=MASK)
        self.switch.setObjectName("edit_view")
        self.switch.setAccessibleName("what the canvas shows")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 8)
        row.setSpacing(8)
        row.addWidget(self.pill, 1)
        row.addWidget(self.zoom)
        row.addWidget(self.switch)

    def show_zoom(self, zoom: float) -> None:
        """Show at which zoom the picture is; 0 is none."""
        figure = f"{zoom:.3g}×" if zoom >= 1 else f"{100 * zoom:.0f} %"
        self.zoom.set_text(figure if zoom else "")
