"""Ho's variational bound term by term: what each noise level adds to the bits per dimension."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.engine.errands.results import TermFound
from studio.ui.compare.parts import heading
from studio.ui.ink import ink
from studio.ui.plot_panel import dress, still
from studio.ui.theme import current, scaled
from studio.ui.ticks import figure, linear_ticks, log_ticks

_GAP = 0.12  # of the width of a bar
_EMPTY = "Measure with the bound to see what each noise level costs"


class BoundPlot(QWidget):
    """Draw a bar for each term over log σ, and name the one under the mouse."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bound_plot")
        self.setAccessibleName("variational bound, term by term")
        self.setMinimumHeight(scaled(120))
        self.terms: tuple[tuple[float, float], ...] = ()
        self._ends: tuple[tuple[str, float], ...] = ()
        self._name = ""
        self._hovered: int | None = None
        self.plot: Any = pg.PlotWidget()
        self.bars: Any = pg.BarGraphItem(x=[], height=[], width=1.0)
        self.marked: Any = pg.BarGraphItem(x=[], height=[], width=1.0)
        for item in (self.bars, self.marked):
            self.plot.addItem(item)
        self.readout = QLabel()
        self.readout.setProperty("role", "mono")
        self.readout.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._empty = QLabel(_EMPTY, self.plot)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        QVBoxLayout(self.plot).addWidget(self._empty)
        self._lay_out()
        self._restyle()
        self.show_terms((), "")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(scaled(12), 0, scaled(12), 0)
        title = heading("BOUND, TERM BY TERM")
        title.setToolTip("Ho et al. 2020, Eq. 5: the Kullback–Leibler divergence of each step")
        head.addWidget(title)
        head.addWidget(self.readout, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, scaled(10), 0, scaled(6))
        column.setSpacing(scaled(4))
        column.addLayout(head)
        column.addWidget(self.plot, 1)
        still(self.plot)
        self.plot.getPlotItem().getViewBox().sigResized.connect(lambda _box: self._rescale())
        self.plot.scene().sigMouseMoved.connect(self._on_mouse_moved)

    def show_terms(self, terms: Sequence[TermFound], name: str) -> None:
        """Show the terms of the picture called `name`; those at the ends of the chain in words."""
        self.terms = tuple(sorted((t.sigma, t.bits) for t in terms if t.kind == "level"))
        self._ends = tuple((t.kind, t.bits) for t in terms if t.kind != "level")
        self._name, self._hovered = name, None
        self._empty.setVisible(not self.terms)
        for side in ("left", "bottom"):
            self.plot.showAxis(side, bool(self.terms))
        self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
            self.plot.resetCachedContent()

    @property
    def _edges(self) -> np.ndarray:
        """Return the borders between the terms: halfway between their log σ."""
        x = np.log10(np.maximum([sigma for sigma, _ in self.terms], 1e-12))
        if len(x) == 1:
            return np.array([x[0] - 0.5, x[0] + 0.5])
        middle = (x[1:] + x[:-1]) / 2
        return np.concatenate([[2 * x[0] - middle[0]], middle, [2 * x[-1] - middle[-1]]])

    def _redraw(self) -> None:
        if self.terms:
            edges, heights = self._edges, [bits for _, bits in self.terms]
            gap = _GAP * np.diff(edges) if len(edges) < 200 else np.zeros(len(edges) - 1)
            self.bars.setOpts(
                x0=edges[:-1] + gap / 2,
                x1=edges[1:] - gap / 2,
                y0=0,
                height=heights,
                x=None,
                width=None,
            )
        self.bars.setVisible(bool(self.terms))
        self._mark()
        self._rescale()
        self._say()

    def _mark(self) -> None:
        place = self._hovered
        self.marked.setVisible(place is not None)
        if place is not None:
            edges = self._edges
            self.marked.setOpts(
                x0=[edges[place]],
                x1=[edges[place + 1]],
                y0=0,
                height=[self.terms[place][1]],
                x=None,
                width=None,
            )

    def _rescale(self) -> None:
        if not self.terms:
            return
        edges, box = self._edges, self.plot.getPlotItem().getViewBox()
        bits = [value for _, value in self.terms]
        high, low = max(*bits, 1e-9), min(*bits, 0.0)
        box.setRange(xRange=(edges[0], edges[-1]), yRange=(low, 1.08 * high), padding=0.01)
        room = box.size()
        marks = linear_ticks(high, max(2, min(5, int(room.height() // 24))))
        self.plot.getAxis("left").setTicks([marks])
        across = log_ticks(float(edges[0]), float(edges[-1]), max(2, int(room.width() // 60)))
        named = len(across) // 2
        if across:
            across[named] = (across[named][0], f"σ {across[named][1]}")
        self.plot.getAxis("bottom").setTicks([across])

    def _on_mouse_moved(self, point: QPointF) -> None:
        box = self.plot.getPlotItem().getViewBox()
        inside = self.terms and box.sceneBoundingRect().contains(point)
        place = self._place(box.mapSceneToView(point).x()) if inside else None
        if place != self._hovered:
            self._hovered = place
            self._mark()
            self._say()

    def _place(self, x: float) -> int | None:
        place = int(np.searchsorted(self._edges, x)) - 1
        return place if 0 <= place < len(self.terms) else None

    def leaveEvent(self, event: QEvent) -> None:
        """Name no term any more."""
        self._hovered = None
        self._mark()
        self._say()

    def _say(self) -> None:
        if not self.terms:
            self.readout.setText("")
        elif self._hovered is None:
            total = sum(bits for _, bits in self.terms)
            said = [self._name, f"{len(self.terms)} levels {total:.4f}"]
            said += [f"{kind} {bits:.4f}" for kind, bits in self._ends]
            self.readout.setText(" · ".join(said))
        else:
            sigma, bits = self.terms[self._hovered]
            self.readout.setText(f"σ {figure(sigma)} · {bits:.4f} bits/dim")

    def _restyle(self) -> None:
        tokens = current()
        dress(self.plot)
        for item, color in ((self.bars, ink(tokens.noise, 0.85)), (self.marked, ink(tokens.text))):
            item.setOpts(brush=color, pen=pg.mkPen(None))
