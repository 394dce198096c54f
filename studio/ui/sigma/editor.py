"""The plot of the schedule as an editor: levels, ends, bend and churn are dragged in it."""

from __future__ import annotations

from math import sqrt

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QAccessible, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from studio.diffusion.levels import moved, with_level, without_level
from studio.ui.focus_ring import FocusRing
from studio.ui.number_text import exact_text
from studio.ui.sigma.curve_hand import CurveHand
from studio.ui.sigma.curved import CurvedPlot
from studio.ui.sigma.handles import Handle, Kind, bent, snapped
from studio.ui.spoken import Spoken, say_changed

_TIP = (
    "The noise level σ before every step; the hollow point at the bottom is the final 0.\n"
    "Drag a point to shape the list by hand (Alt: without snapping), the first and the last for\n"
    "the range, the diamond for ρ, the edges of the orange band for S_tmin and S_tmax.\n"
    "Double-click adds a step. Keys: Up and Down move a level by 1 % (Shift 0.1 %, Ctrl 10 %),\n"
    "Insert adds a step, Delete takes one away. Click elsewhere to move the cursor.\n"
    "Grey with a hollow cursor: the take that is looked at, where it went another way.\n"
    "Dashed: the schedule before the last change"
)
_CURVE_TIP = (
    "The value at every noise level, on the orange scale to the right; the schedule is dimmed.\n"
    "Drag a point; it snaps to the levels of the schedule and to round values (Alt: it does not).\n"
    "Two points at one level make a jump and go together. Double-click adds a point. Keys: Left\n"
    "and Right choose a point, with Shift they move it to the next level; Up and Down change its\n"
    "value (Shift finer, Ctrl coarser), Enter types it, Insert adds a point, Delete takes it away"
)
_NUDGE = 1.01
_STILL = 3  # pixels that the mouse may move in a click


class ScheduleEditor(CurvedPlot):
    """Let the person shape the planned list; what is changed is told, and comes back as a plan."""

    levels_edited = Signal(object)
    """The list is to be this one: levels above 0, tuple[float, ...]."""
    knob_edited = Signal(str, float)
    """A field of the recipe is to have this value."""
    curve_edited = Signal(str, str)
    """The curve of a field is to be this text."""
    shapes_wanted = Signal(object)
    """The menu of the shapes of the curve is to open at this place (QPoint)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drag: Handle | None = None
        self._pressed: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        FocusRing(self)
        self.plot.setToolTip(_TIP)
        self.field.typed.connect(self._on_level_typed)
        self.hand = CurveHand(self)
        self.hand.edited.connect(self.curve_edited)
        self.layer_chosen.connect(lambda _layer: self._say_what_to_do())

    # What assistive technology is told

    spoken_role = QAccessible.Role.Slider

    def spoken(self) -> Spoken:
        """Return the level that the keys would move."""
        if not self._levels:
            return Spoken("no schedule yet")
        step = self._selected if self._selected is not None else self._cursor or 0
        step = min(step, len(self._levels) - 1)
        sigma, count = self._levels[step], len(self._levels)
        words = f"σ {exact_text(float(f'{sigma:.4g}'))}, step {step + 1} of {count}"
        return Spoken(words, sigma, self._levels[-1], self._levels[0], 0.0)

    def speak_value(self, value: float) -> None:
        """Move the level that the keys would move."""
        if self.editable:
            self._set_level(self._selected if self._selected is not None else 0, value)

    # The mouse

    def _on_mouse(self, event: QMouseEvent) -> None:
        kind, point = event.type(), event.position()
        drags = bool(event.buttons() & Qt.MouseButton.LeftButton)
        if kind == event.Type.MouseButtonDblClick:
            self._add_at(point)
        elif kind == event.Type.MouseButtonPress and event.button() == Qt.MouseButton.RightButton:
            self._show_menu(point, event.globalPosition().toPoint())
        elif kind == event.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._press(event)
        elif kind == event.Type.MouseButtonRelease:
            self._release()
        elif self.hand.holds and drags:
            self.hand.drag(event)
        elif self._drag is not None and drags:
            self._drag_to(point, snaps=not event.modifiers() & Qt.KeyboardModifier.AltModifier)
        else:
            self._shape_cursor(point)
            super()._on_mouse(event)

    def _press(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.drawable is not None:
            if not self.hand.press(event.position()):
                super()._on_mouse(event)
            return
        self._drag = self._taken(event.position())
        self._pressed = event.position()
        if self._drag is None:
            super()._on_mouse(event)
            return
        if self._drag.step >= 0:
            self.select(self._drag.step)
            self.step_chosen.emit(self._drag.step)

    def _release(self) -> None:
        self._drag = self._pressed = None
        self.hand.release()

    def _drag_to(self, point: QPointF, *, snaps: bool) -> None:
        if self._pressed is not None and (point - self._pressed).manhattanLength() < _STILL:
            return
        self._pressed = None
        self._held = True
        handle, sigma = self._drag, self.axis.sigma(self._height_at(point))
        assert handle is not None
        if handle.kind == "level":
            others, sigma = self._others(handle.step), float(f"{sigma:.4g}")
            sigma = snapped(sigma, self._levels, handle.step, others, self._far) if snaps else sigma
            self._set_level(handle.step, sigma)
        elif handle.kind == "rho":
            self._bend_to(sigma)
        else:
            self._set_end(handle.kind, sigma)

    def _set_end(self, kind: Kind, sigma: float) -> None:
        field = kind if kind.startswith("sigma") else f"knobs.{kind}"
        value = float(f"{sigma:.3g}")
        if kind == "sigma_max":
            value = max(value, self._levels[-1] * 1.1)
        elif kind == "sigma_min":
            value = min(value, self._levels[0] / 1.1)
        self.knob_edited.emit(field, value)

    def _bend_to(self, sigma: float) -> None:
        recipe = self._recipe
        if recipe is not None:
            middle = len(self._levels) // 2
            level = sigma * sqrt(self._levels[middle] / self._levels[middle + 1])
            rho = bent(recipe.schedule, recipe.schedule_knobs, self._levels, middle, level)
            if rho is not None:
                self.knob_edited.emit("schedule_knobs.rho", rho)

    def _add_at(self, point: QPointF) -> None:
        if self.drawable is not None:
            self.hand.add_at(point)
            return
        step = self._step_below(point)
        if not self.editable or step is None or self._taken(point) is not None:
            return
        added = with_level(self._levels, step)
        self.select(step + 1)
        self.levels_edited.emit(moved(added, step + 1, self.axis.sigma(self._height_at(point))))

    def _shape_cursor(self, point: QPointF) -> None:
        shape = Qt.CursorShape.ArrowCursor
        if self.drawable is not None:
            shape = shape if self.point_at(point) is None else Qt.CursorShape.SizeAllCursor
        elif self._taken(point) is not None:
            shape = Qt.CursorShape.SizeVerCursor
        self.plot.viewport().setCursor(shape)

    def _show_menu(self, point: QPointF, where: QPoint) -> None:
        if self.drawable is not None:
            self._show_point_menu(point, where)
            return
        step = self._step_at(point)
        if not self.editable or step is None:
            return
        self.select(step)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Add a step after step {step + 1}", self.add_step)
        menu.addAction(f"Take step {step + 1} away", self.remove_step)
        menu.addAction("Type its σ…", self.field.begin)
        menu.popup(where)

    def _show_point_menu(self, point: QPointF, where: QPoint) -> None:
        index = self.point_at(point)
        if index is None:
            self.shapes_wanted.emit(where)
            return
        self.select_point(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Add a point after it", self.hand.add_after)
        menu.addAction("Take it away", self.hand.remove)
        menu.addAction("Type its value…", self.point_value.begin)
        if self.point_sigma.isVisible():
            menu.addAction("Type its σ…", self.point_sigma.begin)
        menu.popup(where)

    def _say_what_to_do(self) -> None:
        self.plot.setToolTip(_TIP if self.drawable is None else _CURVE_TIP)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move along the list, move a level, add and take away steps."""
        if not self._act(Qt.Key(event.key()), event.modifiers()):
            super().keyPressEvent(event)

    def _act(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        if self.drawable is not None:
            return self.hand.act(key, modifiers)
        if not self.editable:
            return False
        step = self._selected if self._selected is not None else self._cursor or 0
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.select(step + (1 if key == Qt.Key.Key_Right else -1))
            self.step_chosen.emit(self._selected)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.select(step)
            factor = _NUDGE ** _size(modifiers)
            sigma = self._levels[self._selected or 0]
            self._set_level(step, sigma * factor if key == Qt.Key.Key_Up else sigma / factor)
        elif key == Qt.Key.Key_Insert:
            self.select(step)
            self.add_step()
        elif key == Qt.Key.Key_Delete:
            self.select(step)
            self.remove_step()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.select(step)
            self.field.begin()
        else:
            return False
        say_changed(self)
        return True

    def add_step(self) -> None:
        """Add a step after the selected one, halfway in ln σ."""
        if self._selected is not None:
            step = self._selected
            self._selected = step + 1
            self.levels_edited.emit(with_level(self._levels, step))

    def remove_step(self) -> None:
        """Take the selected step away."""
        if self._selected is not None:
            self.levels_edited.emit(without_level(self._levels, self._selected))

    def _on_level_typed(self, sigma: float) -> None:
        if self._selected is not None:
            self._set_level(self._selected, sigma)

    def _set_level(self, step: int, sigma: float) -> None:
        if 0 <= step < len(self._levels):
            levels = moved(self._levels, step, sigma)
            if levels != self._levels:
                self.levels_edited.emit(levels)


def _size(modifiers: Qt.KeyboardModifier) -> float:
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        return 0.1
    return 9.58 if modifiers & Qt.KeyboardModifier.ControlModifier else 1.0
