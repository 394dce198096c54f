"""What both plots share: a heading, a readout, and a mouse that chooses steps."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.theme import current, heading_font, mono_font, scaled


class PlotPanel(QWidget):
    """Frame a plot over the steps of a run; a click or a drag in it chooses a step."""

    step_chosen = Signal(int)
    """The person clicked or dragged to this step."""
    step_hovered = Signal(object)
    """The mouse is over this step with no button pressed; None once it is over none."""
    plot: Any

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setMinimumHeight(120)
        self._hovered: int | None = None
        self._title = QLabel(title, self)
        self._title.setProperty("role", "heading")
        self._title.setFont(heading_font())
        self.readout = QLabel(self)
        self.readout.setProperty("role", "mono")
        self.readout.setTextFormat(Qt.TextFormat.RichText)
        self.readout.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def _frame(self, plot: Any, *buttons: QWidget) -> None:
        """Lay out the heading over `plot` (a pyqtgraph PlotWidget) and take its mouse."""
        self.readout.setFixedHeight(scaled(18))
        self._top = head = QHBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.setSpacing(4)
        head.addWidget(self._lead())
        head.addWidget(self.readout, 1)
        for button in buttons:
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 6)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(plot, 1)
        still(plot)
        plot.getPlotItem().getViewBox().sigResized.connect(self._on_resized)
        plot.viewport().setMouseTracking(True)
        plot.viewport().installEventFilter(self)

    def _lead(self) -> QWidget:
        """Return what stands at the left end of the heading."""
        return self._title

    def _dress(self, plot: Any) -> None:
        dress(plot)

    @abstractmethod
    def _step_at(self, point: QPointF) -> int | None:
        """Return the step under `point` of the plot's viewport, or None without steps."""

    @abstractmethod
    def _show_hovered(self) -> None:
        """Show or hide what belongs to the step under the mouse."""

    @abstractmethod
    def _restyle(self) -> None:
        """Take the colours of the theme in force."""

    @abstractmethod
    def _rescale(self) -> None:
        """Choose the marks of the axes for the room there is."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Turn the mouse over the plot into steps; pyqtgraph itself sees none of it."""
        kind = event.type()
        if isinstance(event, QMouseEvent):
            self._on_mouse(event)
            return True
        if kind == QEvent.Type.Leave:
            self._hover(None)
            self.step_hovered.emit(None)
        if kind == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
            self.plot.resetCachedContent()  # the view keeps its background as a picture

    def _on_resized(self, _box: object) -> None:
        self._rescale()

    def _on_mouse(self, event: QMouseEvent) -> None:
        step = self._step_at(event.position())
        self._hover(step)
        if not event.buttons():
            self.step_hovered.emit(step)
        if step is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self.step_chosen.emit(step)

    def _hover(self, step: int | None) -> None:
        if step != self._hovered:
            self._hovered = step
            self._show_hovered()


def dress(plot: Any) -> None:
    """Give the axes of a plot the colours and the face of numbers of the theme in force."""
    tokens = current()
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(None)
        axis.setTextPen(color=tokens.muted)
        axis.setTickFont(mono_font(10))
    plot.getAxis("left").setTickPen(color=tokens.line)


def still(plot: Any) -> None:
    """Take panning, zooming, menus, frames and margins off a plot."""
    plot.setFrameShape(QFrame.Shape.NoFrame)
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    plot.setMenuEnabled(False)
    plot.setMouseEnabled(False, False)
    plot.hideButtons()
    plot.setBackground(None)
    plot.viewport().setAutoFillBackground(False)
    plot.getPlotItem().getViewBox().disableAutoRange()
    plot.getPlotItem().layout.setContentsMargins(8, 0, 12, 0)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.enableAutoSIPrefix(False)
        axis.setStyle(tickLength=0, tickTextOffset=6, autoExpandTextSpace=False)
        axis.setZValue(-200)  # under the view, so that its grid lies behind what is plotted
    plot.getAxis("left").setGrid(255)
    plot.getAxis("left").setStyle(tickAlpha=255)
    plot.getAxis("bottom").setStyle(tickAlpha=0)
    plot.getAxis("left").setWidth(scaled(38) + 6)
    plot.getAxis("bottom").setHeight(scaled(14) + 6)
