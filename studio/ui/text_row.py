"""The row of a knob whose value is text: a curve, or a list of levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QLineEdit

from studio.diffusion import KnobError
from studio.ui.restyle import set_style_property
from studio.ui.row import CONTROL_HEIGHT, Row
from studio.ui.theme import mono_font, scaled
from studio.ui.tip import plain, tip, wrapped
from studio.ui.window_undo import WindowUndo

if TYPE_CHECKING:
    from studio.diffusion import Knob, Spec
    from studio.diffusion.knob import Value


class TextRow(Row):
    """Edit text; what the knob refuses is marked, says why, and changes nothing."""

    def __init__(self, knob: Knob) -> None:
        super().__init__((knob.id,), knob.label, tip(knob))
        self.knob = knob
        self.box = QLineEdit()
        self.box.setObjectName(knob.id)
        self.box.setAccessibleName(knob.label)
        self.box.setFont(mono_font(11))
        self.box.setFixedHeight(scaled(CONTROL_HEIGHT))
        if knob.replaces:
            self.box.setPlaceholderText("not drawn")
        self.add_control(self.box)
        self.label.setBuddy(self.box)
        self.box.textEdited.connect(lambda _text: self._explain())
        self.box.editingFinished.connect(self._on_finished)
        WindowUndo(self.box)
        self.value = ""
        self.set_value(knob.default)

    @property
    def topics(self) -> tuple[Knob | Spec, ...]:
        """Return what the row can explain: its knob."""
        return (self.knob,)

    def set_value(self, value: Value) -> None:
        """Show `value` without a signal; what is being typed over the same value stays."""
        if value != self.value:
            self.value = str(value)
            with QSignalBlocker(self.box):
                self.box.setText(self.value)
                self.box.setCursorPosition(0)
        self._explain()
        self.set_modified(value != self.knob.default)

    def reset(self) -> None:
        """Go back to the knob's default."""
        self.box.setText(str(self.knob.default))
        self._on_finished()

    def _problem(self) -> str:
        try:
            self.knob.check(self.box.text())
        except KnobError as error:
            return str(error)
        return ""

    def _explain(self) -> None:
        why = self._problem()
        set_style_property(self.box, "error", bool(why))
        said = wrapped(why) if why else tip(self.knob)
        self.box.setToolTip(said)
        self.box.setAccessibleDescription(plain(said))
        self.problem_changed.emit(self.knob.id, why)

    def _on_finished(self) -> None:
        text = self.box.text()
        self._explain()
        if text != self.value and not self._problem():
            self.value = text
            self.set_modified(text != self.knob.default)
            self.changed.emit(self.knob.id, text)
            self.committed.emit(self.knob.id)
