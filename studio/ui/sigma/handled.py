"""The plot of the schedule with what can be taken in it: levels, the bend, the churn's ends."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from studio.diffusion import SCHEDULES
from studio.ui.icon_button import IconButton
from studio.ui.sigma.exact_field import ExactField
from studio.ui.sigma.handles import Handle, Kind, Spot, taken
from studio.ui.sigma.plot import SchedulePlot
from studio.ui.theme import current

if TYPE_CHECKING:
    from studio.library import Recipe


class HandledPlot(SchedulePlot):
    """Know the list that is edited, show which level is selected, and find what the mouse takes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels: tuple[float, ...] = ()
        self._recipe: Recipe | None = None
        self._selected: int | None = None

    def _add_items(self) -> None:
        super()._add_items()
        self.field = ExactField("level")
        self.more = IconButton(
            "more", "axis and overlays", "Axis, overlays, own schedules", side=20
        )
        self.ring = pg.ScatterPlotItem(size=15, antialias=True)
        self.diamond = pg.ScatterPlotItem(size=11, symbol="d", antialias=True)
        for item in (self.ring, self.diamond):
            item.setZValue(9)
            item.hide()
            self.plot.addItem(item, ignoreBounds=True)

    def _head(self) -> tuple[QWidget, ...]:
        return self.field, self.more

    def set_plan(self, sigmas: Sequence[float], recipe: Recipe | None) -> None:
        """Take the list that the recipe leads to; empty where it cannot be edited."""
        self._levels = tuple(sigma for sigma in sigmas if sigma > 0)
        self._recipe = recipe
        if self._selected is not None:
            self._selected = min(self._selected, len(self._levels) - 1)
        self._show_selection()
        self._show_bend()

    @property
    def editable(self) -> bool:
        """Tell whether there is a list to edit and the plot shows it."""
        return len(self._levels) > 1 and self._levels == tuple(s for s in self._sigmas if s > 0)

    def select(self, step: int | None) -> None:
        """Choose the level that keys and field act on."""
        last = len(self._levels) - 1
        self._selected = None if step is None or last < 0 else max(0, min(step, last))
        self._show_selection()

    # Places

    def _taken(self, point: QPointF) -> Handle | None:
        if not self.editable:
            return None
        points = [self._spot(step, sigma) for step, sigma in enumerate(self._levels)]
        ends = self._recipe is not None and self._recipe.schedule != "custom"
        return taken((point.x(), point.y()), points, self._bend_spot(), self._edges(), ends)

    def _spot(self, step: float, sigma: float) -> Spot:
        return self._pixel(step, self.axis.height(sigma))

    def _pixel(self, x: float, y: float) -> Spot:
        scene = self.plot.getPlotItem().getViewBox().mapViewToScene(QPointF(x, y))
        place = self.plot.viewportTransform().map(scene)
        return place.x(), place.y()

    def _height_at(self, point: QPointF) -> float:
        scene = self.plot.mapToScene(point.toPoint())
        return float(self.plot.getPlotItem().getViewBox().mapSceneToView(scene).y())

    def _step_below(self, point: QPointF) -> int | None:
        scene = self.plot.mapToScene(point.toPoint())
        x = self.plot.getPlotItem().getViewBox().mapSceneToView(scene).x()
        return int(x) if 0 <= x < len(self._levels) else None

    def _far(self, one: float, other: float) -> float:
        return abs(self._spot(0, one)[1] - self._spot(0, other)[1])

    def _others(self, step: int) -> list[float]:
        """Return the levels of the other schedules of as many steps at a step."""
        lists = [self._earlier, *self._overlays.values()]
        return [sigmas[step] for sigmas in lists if len(sigmas) == len(self._sigmas)]

    def _edges(self) -> dict[Kind, float]:
        if self._band is None:
            return {}
        low, high = self.band.getRegion()
        if self.axis.height(2.0) < self.axis.height(1.0):
            low, high = high, low
        return {"s_tmin": self._pixel(0, low)[1], "s_tmax": self._pixel(0, high)[1]}

    def _bend_at(self) -> tuple[float, float] | None:
        """Return where the handle of rho stands: halfway between two steps in the middle."""
        recipe = self._recipe
        if recipe is None or not self.editable or len(self._levels) < 5:
            return None
        if not any(knob.id == "rho" for knob in SCHEDULES[recipe.schedule].knobs):
            return None
        middle = len(self._levels) // 2
        return middle + 0.5, sqrt(self._levels[middle] * self._levels[middle + 1])

    def _bend_spot(self) -> Spot | None:
        x, y = self.diamond.getData()
        return self._pixel(x[0], y[0]) if self.diamond.isVisible() and len(x) else None

    # Looks

    def _redraw(self) -> None:
        super()._redraw()
        self._show_selection()
        self._show_bend()

    def _show_bend(self) -> None:
        at = self._bend_at()
        self.diamond.setVisible(at is not None)
        if at is not None:
            self.diamond.setData([at[0]], [self.axis.height(at[1])])

    def _show_selection(self) -> None:
        step = self._selected if self.editable else None
        self.ring.setVisible(step is not None)
        if step is not None:
            sigma = self._levels[step]
            self.ring.setData([step], [self.axis.height(sigma)])
            self.field.show_number(f"σ of step {step + 1}", sigma)
        else:
            self.field.show_number(None, 0.0)

    def _restyle(self) -> None:
        super()._restyle()
        tokens = current()
        self.ring.setPen(pg.mkPen(tokens.text, width=1.5))
        self.ring.setBrush(None)
        self.diamond.setPen(pg.mkPen(tokens.panel, width=1))
        self.diamond.setBrush(tokens.noise)
