"""The middle of the Restore page: canvas and plots, or what to do first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.ui.edit.header import EditHeader
from studio.ui.edit.invitation import Invitation
from studio.ui.edit.mask.canvas import MaskCanvas
from studio.ui.edit.plots import QualityPlot, ResidualPlot
from studio.ui.splitter import splitter
from studio.ui.theme import scaled

_TITLE = "Repair a picture with what the model knows"
_TEXT = (
    "Drop a picture here and paint over what is to be made anew, or say how the picture was "
    "degraded: made small, blurred, without colour, in part unknown. The model fills in what the "
    "measurement leaves open, and you watch x̂₀ form."
)
_DEEDS = (
    ("open", "Open a picture…", "Choose a file"),
    ("paste", "Paste", "Take the picture of the clipboard (Ctrl+V)"),
    ("take", "From the take", "Take the picture that the Sample tab follows"),
)


class RestoreMiddle(QWidget):
    """Lay out canvas and plots; without a picture, invite to choose one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header, self.canvas = EditHeader(), MaskCanvas()
        self.residual, self.quality = ResidualPlot(), QualityPlot()
        self.invitation = Invitation(_TITLE, _TEXT, _DEEDS)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.canvas, 1)
        plots = splitter("restore_plots", Qt.Orientation.Horizontal, self.residual, self.quality)
        plots.setSizes([scaled(420), scaled(420)])
        rows = splitter("restore_rows", Qt.Orientation.Vertical, upper, plots)
        rows.setStretchFactor(0, 1)
        rows.setSizes([scaled(640), scaled(190)])
        self.splitters = (rows, plots)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.invitation)
        self._stack.addWidget(rows)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self._stack)
        self.canvas.words_changed.connect(self.header.pill.set_text)
        self.canvas.zoomed.connect(self.header.show_zoom)
        self.header.zoom.clicked.connect(self.canvas.fit)

    def show_some(self, *, some: bool) -> None:
        """Show the canvas where there is a picture, else the invitation."""
        self._stack.setCurrentIndex(int(some))
