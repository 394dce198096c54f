"""The row of one knob, with the control that its kind asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker

from studio.ui.choice import Choice
from studio.ui.field import Field, field_for
from studio.ui.restyle import set_style_property
from studio.ui.row import Row
from studio.ui.scale import Scale
from studio.ui.slider import Slider
from studio.ui.switch import Switch
from studio.ui.text_row import TextRow
from studio.ui.tip import tip

if TYPE_CHECKING:
    from studio.diffusion import Knob, Spec
    from studio.diffusion.knob import Value


def row_for(knob: Knob, *, noise: bool = False, automatic: bool = False) -> KnobRow | TextRow:
    """Return the row that suits `knob`; a `noise` knob has an orange slider.

    An `automatic` one may have no value of its own: it then shows the one that results, muted,
    and going back to its default says None.
    """
    if knob.kind == "choice":
        return ChoiceRow(knob)
    if knob.kind == "bool":
        return SwitchRow(knob)
    if knob.kind == "text":
        return TextRow(knob)
    return NumberRow(knob, noise=noise, automatic=automatic)


class KnobRow(Row):
    """Edit one knob; the control's object name is the knob's id."""

    def __init__(self, knob: Knob) -> None:
        super().__init__((knob.id,), knob.label, tip(knob))
        self.knob = knob

    @property
    def topics(self) -> tuple[Knob | Spec, ...]:
        """Return what the row can explain: its knob."""
        return (self.knob,)

    def set_value(self, value: Value) -> None:
        """Show `value` without a signal."""
        self.set_modified(value != self.knob.default)

    def reset(self) -> None:
        """Go back to the knob's default."""
        self._take(self.knob.default)
        self.committed.emit(self.knob.id)

    def _take(self, value: Value) -> None:
        self.set_value(value)
        self.changed.emit(self.knob.id, value)


class NumberRow(KnobRow):
    """Edit a number with a slider and a field that share one exact value."""

    def __init__(self, knob: Knob, *, noise: bool = False, automatic: bool = False) -> None:
        super().__init__(knob)
        self._automatic = automatic
        self.field: Field = field_for(knob)
        self.slider = Slider(self.field.scale, noise=noise)
        self.slider.setAccessibleName(f"{knob.label} slider")
        self.slider.setToolTip(self.field.toolTip())
        self.add_control(self.slider)
        self.add_control(self.field, 0)
        self.label.setBuddy(self.field)
        self.slider.moved.connect(self._on_slider_moved)
        self.slider.released.connect(lambda: self.committed.emit(knob.id))
        self.slider.reset_requested.connect(self.reset)
        self.field.valueChanged.connect(self._on_field_changed)
        self.field.problem_changed.connect(self._on_problem_changed)
        self.set_value(knob.default)

    def set_value(self, value: Value) -> None:
        """Show `value` without a signal; what is being typed over the same value stays."""
        self._show(float(value), own=True)
        super().set_value(value)

    def set_automatic(self, value: float) -> None:
        """Show that there is no value of its own and that `value` results."""
        self._show(value, own=False)
        self.set_modified(False)

    def set_ends(self, left: float, right: float) -> None:
        """Change the ends of the slider; bounds and value stay."""
        scale = self.field.scale
        changed = Scale(
            low=scale.low,
            high=scale.high,
            left=left,
            right=right,
            log=scale.log,
            integer=scale.integer,
            step=scale.step,
        )
        self.field.scale = changed
        self.slider.set_scale(changed)

    def reset(self) -> None:
        """Go back to the default: for an automatic knob, to having no value of its own."""
        self.field.clear_problem()
        if not self._automatic:
            super().reset()
            return
        self.set_automatic(self.field.value())
        self.changed.emit(self.knob.id, None)
        self.committed.emit(self.knob.id)

    def _show(self, value: float, *, own: bool) -> None:
        self.slider.set_values(value)
        if value != self.field.value():
            with QSignalBlocker(self.field):
                self.field.set_number(value)
            self.problem_changed.emit(self.knob.id, self.field.problem)
        set_style_property(self.field, "automatic", not own)

    def _on_slider_moved(self, _handle: int, value: float) -> None:
        self._take(self.knob.check(value))

    def _on_field_changed(self, value: float) -> None:
        self._take(value)
        self.committed.emit(self.knob.id)

    def _on_problem_changed(self, why: str) -> None:
        self.problem_changed.emit(self.knob.id, why)


class ChoiceRow(KnobRow):
    """Edit a choice."""

    def __init__(self, knob: Knob) -> None:
        super().__init__(knob)
        self.box = Choice(knob.id, knob.label, tip(knob))
        for value, label in knob.choices:
            self.box.add_choice(value, label)
        self.add_control(self.box)
        self.label.setBuddy(self.box)
        self.box.currentIndexChanged.connect(self._on_chosen)
        self.set_value(knob.default)

    def set_value(self, value: Value) -> None:
        """Show `value` without a signal."""
        with QSignalBlocker(self.box):
            self.box.choose(value)
        super().set_value(value)

    def _on_chosen(self) -> None:
        self._take(self.box.currentData())
        self.committed.emit(self.knob.id)


class SwitchRow(KnobRow):
    """Edit a switch."""

    def __init__(self, knob: Knob) -> None:
        super().__init__(knob)
        self.switch = Switch(knob.id, knob.label, tip(knob))
        self.add_control(self.switch, 0)
        self.controls.addStretch(1)
        self.label.setBuddy(self.switch)
        self.switch.toggled.connect(self._on_toggled)
        self.set_value(knob.default)

    def set_value(self, value: Value) -> None:
        """Show `value` without a signal."""
        with QSignalBlocker(self.switch):
            self.switch.setChecked(bool(value))
        self.switch.update()
        super().set_value(value)

    def _on_toggled(self, on: bool) -> None:
        self._take(on)
        self.committed.emit(self.knob.id)
