"""The hand that draws curves: it turns mouse and keys over the plot into other points."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent

from studio.diffusion.curve import curve_text
from studio.diffusion.points import Points, added, moved, moved_jump, removed
from studio.ui.sigma.curved import CurvedPlot
from studio.ui.sigma.handles import SNAP
from studio.ui.sigma.places import round_step

STILL = 3  # pixels that the mouse may move along an axis before a point follows it


class CurveHand(QObject):
    """Edit the curve that the plot shows; it comes back as a recipe."""

    edited = Signal(str, str)
    """The curve of a field is to be this text."""

    def __init__(self, plot: CurvedPlot) -> None:
        super().__init__(plot)
        self._plot = plot
        self._pressed: QPointF | None = None
        self._free = (False, False)  # whether the mouse has left the still zone in x and in y
        plot.point_sigma.typed.connect(lambda sigma: self._put(sigma=sigma))
        plot.point_value.typed.connect(lambda value: self._put(value=value))

    @property
    def _points(self) -> Points:
        drawable = self._plot.drawable
        return drawable.curve.points if drawable is not None else ()

    @property
    def holds(self) -> bool:
        """Tell whether a point is being dragged."""
        return self._pressed is not None

    # The mouse

    def press(self, point: QPointF) -> bool:
        """Take the point under the mouse; return False where there is none."""
        index = self._plot.point_at(point)
        self._plot.select_point(index)
        self._pressed = point if index is not None else None
        self._free = (False, False)
        return index is not None

    def drag(self, event: QMouseEvent) -> None:
        """Move the point that was taken; with Alt it snaps to nothing."""
        plot, start, point = self._plot, self._pressed, event.position()
        index = plot.selected_point
        if start is None or index is None or index >= len(self._points):
            return
        away = (abs(point.x() - start.x()) > STILL, abs(point.y() - start.y()) > STILL)
        self._free = (self._free[0] or away[0], self._free[1] or away[1])
        if not any(self._free):
            return
        plot.hold()
        sigma, value = self._points[index]
        snaps = not event.modifiers() & Qt.KeyboardModifier.AltModifier
        if self._free[0]:
            sigma = self._level_near(point) if snaps else float(f"{plot.sigma_at(point):.4g}")
        if self._free[1]:
            value = self._value_near(point) if snaps else float(f"{plot.value_at(point):.4g}")
        self._carry(sigma, value)

    def release(self) -> None:
        """Let go."""
        self._pressed = None
        self._plot.let_go()

    def add_at(self, point: QPointF) -> None:
        """Add a point where the mouse is, snapped."""
        if self._plot.point_at(point) is None:
            self._add(self._level_near(point), self._value_near(point))

    def _level_near(self, point: QPointF) -> float:
        """Return the level under the mouse, or that of a step that is near."""
        plot = self._plot
        sigma = plot.sigma_at(point)
        levels = [level for level in plot.places.levels if level > 0]
        near = min(levels, key=lambda level: plot.far_across(level, point), default=sigma)
        return near if plot.far_across(near, point) <= SNAP else float(f"{sigma:.4g}")

    def _value_near(self, point: QPointF) -> float:
        """Return the value under the mouse, or a round one that is near, or one that is there."""
        plot, drawable = self._plot, self._plot.drawable
        value = plot.value_at(point)
        if drawable is None:
            return value
        step = round_step(plot.scale_of(drawable).top)
        others = {value for i, (_, value) in enumerate(self._points) if i != plot.selected_point}
        snaps = {float(f"{round(value / step) * step:.6g}"), drawable.neutral, *others}
        near = min(snaps, key=lambda snap: abs(snap - value))
        return near if plot.far_up(near, point) <= SNAP else float(f"{value:.4g}")

    # Keys

    def act(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Do what a key means for the curve; return False where it means nothing."""
        plot, along = self._plot, {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        index = plot.selected_point
        if key in along and modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._shift(along[key])
        elif key in along:
            plot.select_point(0 if index is None else index + along[key])
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._nudge(1 if key == Qt.Key.Key_Up else -1, modifiers)
        elif key == Qt.Key.Key_Insert:
            self.add_after()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index is not None:
            plot.point_value.begin()
        else:
            return False
        return True

    def _nudge(self, way: int, modifiers: Qt.KeyboardModifier) -> None:
        plot, drawable = self._plot, self._plot.drawable
        index = plot.selected_point or 0
        if drawable is None:
            return
        step = round_step(plot.scale_of(drawable).top) / 4
        step *= 0.1 if modifiers & Qt.KeyboardModifier.ShiftModifier else 1
        step *= 10 if modifiers & Qt.KeyboardModifier.ControlModifier else 1
        plot.select_point(index)
        value = max(0.0, self._points[index][1] + way * step)
        self._put(value=float(f"{value:.9g}"))

    def _shift(self, way: int) -> None:
        """Move the selected point to the next level of the schedule."""
        plot = self._plot
        index = plot.selected_point
        if index is None or len(self._points) == 1:
            return
        sigma = self._points[index][0]
        levels = sorted({level for level in plot.places.levels if level > 0}, reverse=True)
        beyond = [s for s in levels if (s < sigma if way > 0 else s > sigma)]
        if beyond:
            self._carry(beyond[0] if way > 0 else beyond[-1], self._points[index][1])

    def add_after(self) -> None:
        """Add a point on the curve, halfway between the selected one and the next."""
        plot, drawable, points = self._plot, self._plot.drawable, self._points
        if drawable is None:
            return
        index = plot.selected_point or 0
        places = plot.places
        here = places.place(points[index][0])
        after = points[index + 1][0] if index + 1 < len(points) else 0.0
        there = places.place(after) if after > 0 else float(len(places.levels) - 1)
        sigma = float(f"{places.sigma((here + there) / 2):.4g}")
        self._add(sigma, drawable.curve(sigma))

    def remove(self) -> None:
        """Take the selected point away; the last one stays as a constant."""
        index = self._plot.selected_point
        if index is not None:
            self._tell(removed(self._points, index))

    # Both

    def _add(self, sigma: float, value: float) -> None:
        points, index = added(self._points, sigma, value)
        self._tell(points)
        self._plot.select_point(index)

    def _put(self, sigma: float | None = None, value: float | None = None) -> None:
        """Give the selected point exact numbers; a side of a jump leaves the other."""
        index, points = self._plot.selected_point, self._points
        if index is not None and index < len(points):
            own = points[index]
            level = own[0] if sigma is None else sigma
            self._tell(moved(points, index, level, own[1] if value is None else value))

    def _carry(self, sigma: float, value: float) -> None:
        """Move the selected point; both sides of a jump go together."""
        index = self._plot.selected_point
        if index is not None and index < len(self._points):
            self._tell(moved_jump(self._points, index, sigma, value))

    def _tell(self, points: Points) -> None:
        drawable = self._plot.drawable
        if drawable is not None and points != self._points:
            self.edited.emit(drawable.field, curve_text(points))
