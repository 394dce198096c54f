"""What the charts share: a heading, a readout, and a cross that mouse or keys move over kimg."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.ui.focus_ring import FocusRing
from studio.ui.ink import ink
from studio.ui.plot_panel import dress, still
from studio.ui.spoken import Spoken, say_changed
from studio.ui.theme import current, scaled
from studio.ui.train.charts.readout import Readout

_OVER = 10  # design pixels by which a mark may reach beyond its axis
NO_FIGURES = "Figures appear after the first thousand pictures"


class ChartPanel(QWidget):
    """Frame a plot over the pictures seen; the place under the mouse is told and can be chosen."""

    hovered = Signal(object)
    """The cross stands at this kimg; None once it stands nowhere."""
    chosen = Signal(float)
    """The person clicked at this kimg, or pressed Enter there."""

    spoken_role = QAccessible.Role.Chart

    def __init__(self, name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumSize(scaled(200), scaled(120))
        self.cross: float | None = None
        self.plot: Any = pg.PlotWidget()
        self.readout = Readout()
        self._empty = QLabel(NO_FIGURES, self.plot)
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        QVBoxLayout(self.plot).addWidget(self._empty)
        self._ring = FocusRing(self)

    def _frame(self, title: QWidget, *tools: QWidget) -> None:
        """Lay out the heading over the plot and take the plot's mouse."""
        head = QHBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.setSpacing(4)
        head.addWidget(title)
        head.addWidget(self.readout, 1)
        for tool in tools:
            head.addWidget(tool)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 6)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.plot, 1)
        still(self.plot)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).setStyle(hideOverlappingLabels=scaled(_OVER))
        self.plot.getPlotItem().getViewBox().sigResized.connect(lambda _box: self._redraw())
        self.plot.viewport().setMouseTracking(True)
        self.plot.viewport().installEventFilter(self)

    def say_empty(self, text: str) -> None:
        """Say why there is nothing to see, "" where there is."""
        self._empty.setText(text)
        self._empty.setVisible(bool(text))
        if text:
            for side in ("left", "bottom"):
                self.plot.getAxis(side).setTicks([[]])

    def move_cross(self, kimg: float | None) -> None:
        """Put the cross at the known place nearest to `kimg`, or take it away."""
        places = self._places()
        known = kimg is not None and len(places) > 0
        self.cross = float(places[abs(places - kimg).argmin()]) if known else None
        self._show_cross()
        say_changed(self)

    # What the charts do

    @abstractmethod
    def _places(self) -> Any:
        """Return the kimg at which the cross can stand, rising: (P,)."""

    @abstractmethod
    def _redraw(self) -> None:
        """Draw all for the room there is."""

    @abstractmethod
    def _show_cross(self) -> None:
        """Draw the cross and say what is there."""

    @abstractmethod
    def _restyle(self) -> None:
        """Take the colours of the theme in force."""

    @abstractmethod
    def spoken(self) -> Spoken:
        """Return what is said of the chart."""

    def speak_value(self, value: float) -> None:
        """Put the cross at a kimg."""
        self._point_at(value)

    # What the person does

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Turn the mouse over the plot into places; pyqtgraph itself sees none of it."""
        kind = event.type()
        if isinstance(event, QMouseEvent):
            self._on_mouse(event)
            return True
        if kind == QEvent.Type.Leave:
            self._on_left()
        if kind == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _on_mouse(self, event: QMouseEvent) -> None:
        place = self._view(event.position())
        self._on_pointed(place)
        if event.buttons() & Qt.MouseButton.LeftButton and self.cross is not None:
            self.chosen.emit(self.cross)

    def _on_pointed(self, place: QPointF) -> None:
        self._point_at(place.x())

    def _on_left(self) -> None:
        self._point_at(None)

    def _view(self, point: QPointF) -> QPointF:
        """Return the place in the plot under a point of its viewport."""
        scene = self.plot.mapToScene(point.toPoint())
        place: QPointF = self.plot.getPlotItem().getViewBox().mapSceneToView(scene)
        return place

    def _point_at(self, kimg: float | None) -> None:
        self.move_cross(kimg)
        self.hovered.emit(self.cross)

    def event(self, event: QEvent) -> bool:
        """Keep Esc from the window's commands while there is a cross to take away."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            leaves = event.key() == Qt.Key.Key_Escape and self.cross is not None
            event.setAccepted(leaves)
            return leaves
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cross with the arrow keys, Home and End; Enter chooses, Esc takes it away."""
        places, key = self._places(), event.key()
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        steps |= {Qt.Key.Key_PageUp: -20, Qt.Key.Key_PageDown: 20}
        if len(places) and key in steps:
            at = len(places) if self.cross is None else abs(places - self.cross).argmin()
            self._point_at(places[min(max(at + steps[Qt.Key(key)], 0), len(places) - 1)])
        elif len(places) and key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._point_at(places[0 if key == Qt.Key.Key_Home else -1])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.cross is not None:
            self.chosen.emit(self.cross)
        elif key == Qt.Key.Key_Escape and self.cross is not None:
            self._on_left()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the cross away."""
        super().focusOutEvent(event)
        self._on_left()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground."""
        QPainter(self).fillRect(event.rect(), ink(current().background))

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
            self.plot.resetCachedContent()  # the view keeps its background as a picture

    def _dress(self) -> None:
        dress(self.plot)
        self.plot.setBackground(current().background)
