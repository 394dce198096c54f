"""The plot of the schedule with curves over the same σ: guidance, churn, what a solver has more."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QWidget

from studio.session.curves import Drawable
from studio.ui.ink import ink
from studio.ui.sigma.curve_layer import CurveLayer, FaintCurves, spots_of
from studio.ui.sigma.exact_field import ExactField
from studio.ui.sigma.handled import HandledPlot
from studio.ui.sigma.handles import REACH, Spot
from studio.ui.sigma.layer_tabs import LayerTabs, short_name
from studio.ui.sigma.places import Places, ValueScale, round_top
from studio.ui.theme import current, mono_font, scaled
from studio.ui.ticks import figure, linear_ticks

_RANGE = (80.0, 0.002)
"""The levels between which a curve is drawn where no step is known."""
_DIM = 0.32


class CurvedPlot(HandledPlot):
    """Show one of the layers to be edited in full and the others dimmed."""

    layer_chosen = Signal(str)
    """Another layer is edited: its field, “” for the schedule."""

    def _add_items(self) -> None:
        super()._add_items()
        self._curves: tuple[Drawable, ...] = ()
        self._point: int | None = None
        self._highest = 1.0
        self.tabs = LayerTabs(self)
        self.tabs.chosen.connect(self._on_layer_chosen)
        self.point_sigma = ExactField("point_sigma", width=58)
        self.point_value = ExactField("point_value", width=58, zero=True)
        self.curve_layer, self.faint = CurveLayer(self.plot), FaintCurves(self.plot)
        axis = self.plot.getAxis("right")
        axis.setStyle(tickLength=0, tickTextOffset=6, autoExpandTextSpace=False, tickAlpha=0)
        axis.setWidth(scaled(26) + 6)
        self._title.hide()

    def _lead(self) -> QWidget:
        return self.tabs

    def _head(self) -> tuple[QWidget, ...]:
        *fields, more = super()._head()
        return *fields, self.point_sigma, self.point_value, more

    # What is shown

    def set_curves(self, curves: Sequence[Drawable]) -> None:
        """Offer these curves; the layer that is edited stays if it is still among them."""
        before = self.drawable
        self._curves = tuple(curves)
        self.tabs.set_curves(self._curves)
        now = self.drawable
        if before is None or now is None or before.field != now.field:
            self._point = None
        if now is not None and self._point is not None:
            self._point = min(self._point, len(now.curve.levels) - 1)
        if (before is None) != (now is None):
            self._show_layer()
        else:
            self._draw_curves()

    def show_layer(self, layer: str) -> None:
        """Edit the curve of a field, or the schedule (“”), from now on."""
        self.tabs.show_segment(layer)
        self._on_layer_chosen(layer)

    @property
    def drawable(self) -> Drawable | None:
        """Return the curve that is edited, None for the schedule."""
        return next((each for each in self._curves if each.field == self.tabs.segment), None)

    def select_point(self, index: int | None) -> None:
        """Choose the point of the curve that keys and fields act on."""
        drawable = self.drawable
        last = len(drawable.curve.levels) - 1 if drawable is not None else -1
        self._point = None if index is None or last < 0 else max(0, min(index, last))
        self._draw_curves()

    @property
    def selected_point(self) -> int | None:
        """Return the place of the point that is selected."""
        return self._point

    def hold(self) -> None:
        """Let the axes stay as they are."""
        self._held = True

    def let_go(self) -> None:
        """Let the axes fit what is shown again."""
        if self._held:
            self._held = False
            self._redraw()

    def _on_layer_chosen(self, layer: str) -> None:
        self._point = None
        self._show_layer()
        self.layer_chosen.emit(layer)

    def _show_layer(self) -> None:
        self.plot.showAxis("right", self.drawable is not None)
        self._restyle()
        self._redraw()

    # Places

    @property
    def places(self) -> Places:
        """Return where noise levels lie among the steps."""
        return Places(self._sigmas if any(sigma > 0 for sigma in self._sigmas) else _RANGE)

    def scale_of(self, drawable: Drawable) -> ValueScale:
        """Return the scale on which a curve is drawn; it stays while something is dragged."""
        (_, _), (bottom, top) = self.plot.getPlotItem().getViewBox().viewRange()
        if drawable is self.drawable and self._held:
            return ValueScale.within(self._highest, bottom, top)
        usual = (drawable.knob.soft or (0.0, 1.0))[1]
        return ValueScale.within(round_top(drawable.curve.values, usual), bottom, top)

    def point_at(self, point: QPointF) -> int | None:
        """Return the point of the curve that the mouse takes."""
        spots = self.point_spots()
        near = ((abs(x - point.x()) + abs(y - point.y()), i) for i, (x, y) in enumerate(spots))
        distance, index = min(near, default=(REACH + 1, -1))
        return index if distance <= REACH * 1.4 else None

    def point_spots(self) -> list[Spot]:
        """Return where the points of the curve stand, in pixels."""
        drawable = self.drawable
        if drawable is None:
            return []
        spots = spots_of(drawable.curve, self.places, self.scale_of(drawable))
        return [self._pixel(x, y) for x, y in spots]

    def sigma_at(self, point: QPointF) -> float:
        """Return the noise level under the mouse, by the steps."""
        scene = self.plot.mapToScene(point.toPoint())
        return self.places.sigma(self.plot.getPlotItem().getViewBox().mapSceneToView(scene).x())

    def value_at(self, point: QPointF) -> float:
        """Return the value of the curve's scale under the mouse."""
        drawable = self.drawable
        return self.scale_of(drawable).value(self._height_at(point)) if drawable else 0.0

    def far_across(self, sigma: float, point: QPointF) -> float:
        """Return how many pixels the mouse is away from a level, across."""
        return abs(self._pixel(self.places.place(sigma), 0.0)[0] - point.x())

    def far_up(self, value: float, point: QPointF) -> float:
        """Return how many pixels the mouse is away from a value, up or down."""
        drawable = self.drawable
        height = self.scale_of(drawable).height(value) if drawable is not None else 0.0
        return abs(self._pixel(0.0, height)[1] - point.y())

    # Looks

    def _rescale(self) -> None:
        super()._rescale()
        self._draw_curves()

    def _draw_curves(self) -> None:
        drawable, places = self.drawable, self.places
        faint = [each for each in self._curves if each.own and each is not drawable]
        self.faint.draw([(each.curve, self.scale_of(each)) for each in faint], places)
        if drawable is None:
            self.curve_layer.hide()
        else:
            scale = self.scale_of(drawable)
            self._highest = scale.top
            self.curve_layer.draw(drawable.curve, places, scale, self._point)
            room = self.plot.getPlotItem().getViewBox().size()
            ticks = linear_ticks(scale.top, int(room.height() // 22))
            marks = [(scale.height(value), text) for value, text in ticks]
            self.plot.getAxis("right").setTicks([marks])
        self._show_point()
        self._show_readout()

    def _show_point(self) -> None:
        drawable, at = self.drawable, self._point
        if drawable is None or at is None:
            self.point_sigma.show_number(None, 0.0)
            self.point_value.show_number(None, 0.0)
            return
        sigma, value = drawable.curve.points[at]
        alone = len(drawable.curve.levels) == 1
        self.point_sigma.show_number(None if alone else f"σ of point {at + 1}", sigma)
        self.point_value.show_number(f"{short_name(drawable)} at point {at + 1}", value)

    def _redraw(self) -> None:
        super()._redraw()
        self._draw_curves()

    def _show_selection(self) -> None:
        super()._show_selection()
        if self.drawable is not None:
            self.ring.hide()
            self.field.show_number(None, 0.0)

    def _show_bend(self) -> None:
        super()._show_bend()
        if self.drawable is not None:
            self.diamond.hide()

    def _place_band(self) -> None:
        super()._place_band()
        if self.drawable is not None:
            self.band.hide()

    def _show_readout(self) -> None:
        drawable = self.drawable
        if drawable is None:
            super()._show_readout()
            return
        step = self._hovered if self._hovered is not None else self._cursor
        sigma = self._sigma(step)
        if self._point is not None or step is None or not sigma:
            self.readout.setText("")
            return
        value = f"{short_name(drawable).lower()} {figure(drawable.curve(sigma))}"
        lit = f'<span style="color:{current().text}">{value}</span>'
        self.readout.setText(f"σ {figure(sigma)} · {lit}")

    def _restyle(self) -> None:
        super()._restyle()
        tokens = current()
        self.curve_layer.restyle()
        self.faint.restyle()
        right = self.plot.getAxis("right")
        right.setPen(None)
        right.setTextPen(color=tokens.noise)
        right.setTickFont(mono_font(10))
        if self.drawable is not None:
            self.curve.setPen(ink(tokens.accent, _DIM), width=1.5)
            self.curve.setSymbolBrush(ink(tokens.accent, _DIM))
            self.zero.setPen(ink(tokens.accent, _DIM))
