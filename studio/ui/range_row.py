"""The row of two knobs that are the ends of one band, such as S_tmin and S_tmax."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from studio.ui.field import Field, field_for
from studio.ui.restyle import set_style_property
from studio.ui.row import CONTROL_HEIGHT, Row
from studio.ui.scale import Scale
from studio.ui.slider import Slider
from studio.ui.theme import mono_font, scaled
from studio.ui.tip import tip, wrapped

if TYPE_CHECKING:
    from studio.diffusion import Knob, Spec
    from studio.diffusion.knob import Value

_BOX_WIDTH = 96
_COLUMNS = 6


class RangeRow(Row):
    """Edit both ends of a band with one slider and two fields in one box."""

    def __init__(self, low: Knob, high: Knob, label: str = "", *, noise: bool = False) -> None:
        knobs = (low, high)
        super().__init__((low.id, high.id), label or _joint_label(low, high), _joint_tip(knobs))
        self.knobs = knobs
        scale = Scale.of(low, high)
        self.fields: tuple[Field, ...] = tuple(field_for(k, scale, _COLUMNS) for k in knobs)
        self.slider = Slider(scale, handles=2, noise=noise)
        self.slider.setAccessibleName(f"{label or _joint_label(low, high)} slider")
        self.slider.setToolTip(_joint_tip(knobs, "Space changes handles."))
        self.slider.set_values(float(low.default), float(high.default))
        self._box = self._make_box()
        self.add_control(self.slider)
        self.add_control(self._box, 0)
        self.label.setBuddy(self.fields[0])
        self._connect()

    @property
    def topics(self) -> tuple[Knob | Spec, ...]:
        """Return what the row can explain: its two knobs."""
        return self.knobs

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Show the values of both knobs without a signal; one that is missing is the default."""
        pair = [float(values.get(k.id, k.default)) for k in self.knobs]
        self.slider.set_values(*pair)
        for field, value in zip(self.fields, pair, strict=True):
            if value != field.value():
                with QSignalBlocker(field):
                    field.set_number(value)
                self._on_problem_changed(field.knob, field.problem)
        self._mark()

    def set_ends(self, left: float, right: float) -> None:
        """Change the ends of the slider; bounds and values stay."""
        old = self.slider.scale
        scale = Scale(
            low=old.low, high=old.high, left=left, right=right, log=old.log, integer=old.integer
        )
        self.slider.set_scale(scale)
        for field in self.fields:
            field.scale = scale

    def reset(self) -> None:
        """Go back to the defaults of both ends."""
        for handle, knob in enumerate(self.knobs):
            self.fields[handle].clear_problem()
            self._take(handle, float(knob.default))
            self.committed.emit(knob.id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ring the box while one of its fields has the focus."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            focused = event.type() == QEvent.Type.FocusIn
            set_style_property(self._box, "focused", focused)
        return False

    def _make_box(self) -> QFrame:
        box = QFrame()
        box.setProperty("role", "box")
        box.setFixedSize(scaled(_BOX_WIDTH), scaled(CONTROL_HEIGHT))
        inside = QHBoxLayout(box)
        inside.setContentsMargins(scaled(3), 0, scaled(3), 0)
        inside.setSpacing(0)
        dash = QLabel("–")
        dash.setProperty("role", "muted")
        dash.setFont(mono_font())
        dash.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for field in self.fields:
            field.setProperty("bare", True)
            field.lineEdit().setTextMargins(0, 0, 0, 0)
            field.setAlignment(Qt.AlignmentFlag.AlignCenter)
            field.setMinimumWidth(0)
            field.setMaximumWidth(scaled(_BOX_WIDTH))
            field.setFixedHeight(scaled(CONTROL_HEIGHT) - 2)
            field.installEventFilter(self)
        inside.addWidget(self.fields[0], 1)
        inside.addWidget(dash)
        inside.addWidget(self.fields[1], 1)
        return box

    def _connect(self) -> None:
        self.slider.moved.connect(self._on_slider_moved)
        self.slider.released.connect(lambda: self.committed.emit(self.ids[self.slider.active]))
        self.slider.reset_requested.connect(self.reset)
        for handle, field in enumerate(self.fields):
            field.valueChanged.connect(lambda value, h=handle: self._on_typed(h, value))
            field.problem_changed.connect(
                lambda why, knob=field.knob: self._on_problem_changed(knob, why)
            )

    def _on_slider_moved(self, handle: int, value: float) -> None:
        self._take(handle, value)

    def _on_typed(self, handle: int, value: float) -> None:
        self._take(handle, value)
        self.committed.emit(self.ids[handle])

    def _on_problem_changed(self, knob: Knob, why: str) -> None:
        set_style_property(self._box, "error", any(field.problem for field in self.fields))
        self.problem_changed.emit(knob.id, why)

    def _take(self, handle: int, value: float) -> None:
        """Take a new value of one end; the other end gives way, so that low <= high."""
        knob = self.knobs[handle]
        pair = [field.value() for field in self.fields]
        pair[handle] = float(knob.check(value))
        other = 1 - handle
        pushed = pair[0] > pair[1]
        if pushed:
            pair[other] = pair[handle]
        self.set_values(dict(zip(self.ids, pair, strict=True)))
        if pushed:
            self.changed.emit(self.ids[other], pair[other])
        self.changed.emit(self.ids[handle], pair[handle])

    def _mark(self) -> None:
        pairs = zip(self.fields, self.knobs, strict=True)
        self.set_modified(any(field.value() != knob.default for field, knob in pairs))


def _joint_label(low: Knob, high: Knob) -> str:
    """Return “S_tmin–tmax” for S_tmin and S_tmax."""
    start, mark, end = high.label.rpartition("_")
    if mark and low.label.startswith(start + mark):
        return f"{low.label}–{end}"
    return f"{low.label} – {high.label}"


def _joint_tip(knobs: tuple[Knob, Knob], more: str = "") -> str:
    return "".join(tip(knob) for knob in knobs) + wrapped(more)
