"""Boxes to type numbers into: any notation is read, the exact value is kept, the shortest shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox, QToolTip

from studio.diffusion import Knob, KnobError
from studio.ui.number_text import NumberTextError, exact_text, parse_number, short_text
from studio.ui.restyle import set_style_property
from studio.ui.scale import Scale
from studio.ui.theme import mono_font, scaled
from studio.ui.tip import Described, tip
from studio.ui.window_undo import WindowUndo

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractSpinBox as _Base
else:
    _Base = object

_ALL_DECIMALS = 323  # Qt's most: with fewer it would round what it is given
_INT_BOUND = 2**31 - 1
_FIELD_WIDTH = 60
_FIELD_HEIGHT = 24


class _Typing(_Base):
    """Add typing in any notation, an error state and round arrow steps to a spin box."""

    problem_changed: Any
    knob: Knob
    scale: Scale
    problem = ""
    _kept: str | None = None
    _columns = 7

    def use_knob(self, knob: Knob, scale: Scale | None = None, columns: int = 7) -> None:
        """Take name, bounds and help from `knob`; `columns` characters fit the field."""
        self.knob, self.scale, self._columns = knob, scale or Scale.of(knob), columns
        self.setObjectName(knob.id)
        self.setAccessibleName(knob.label)
        self.setToolTip(tip(knob))
        self.setFont(mono_font())
        self.setLocale(QLocale.c())
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.lineEdit().setTextMargins(scaled(2), 0, scaled(4), 0)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(scaled(_FIELD_WIDTH), scaled(_FIELD_HEIGHT))
        self.lineEdit().textEdited.connect(self._on_text_edited)
        WindowUndo(self.lineEdit(), self)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let everything be typed, and take only what is a number within the bounds."""
        state = (
            QValidator.State.Intermediate if self._why_not(text) else QValidator.State.Acceptable
        )
        return state, text, position

    def fixup(self, text: str) -> str:
        """Leave a wrong text as it is, for the person to put right."""
        return text

    def text_of(self, value: float) -> str:
        """Return what is shown: a wrong text until it is put right, all digits while editing."""
        if self._kept is not None:
            return self._kept
        return exact_text(value) if self.hasFocus() else short_text(value, self._columns)

    def number_in(self, text: str, present: float) -> float:
        """Return the number in `text`; the text of the present value is that exact value."""
        if self._why_not(text) or text in (exact_text(present), self.text_of(present)):
            return present
        return float(self.knob.check(self._parse(text)))

    def clear_problem(self) -> None:
        """Forget a wrong text."""
        self._kept = None
        self._set_problem("")

    def event(self, event: QEvent) -> bool:
        """Claim Escape from the window's shortcuts while there is something to take back."""
        if event.type() == QEvent.Type.ShortcutOverride and self._is_escape(event):
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Explain a wrong text on Enter, take it back on Escape."""
        if self._is_escape(event):
            self.clear_problem()
            self._show_text()
        elif self.problem and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            QToolTip.showText(self.mapToGlobal(self.rect().bottomLeft()), self.problem, self)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show every digit while editing."""
        super().focusInEvent(event)
        self._show_text()
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn only a field that has the focus; elsewhere the wheel scrolls the panel."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _is_escape(self, event: QEvent) -> bool:
        dirty = bool(self.problem) or self.lineEdit().isModified()
        return dirty and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape

    def _show_text(self) -> None:
        value: float = self.value()  # type: ignore[attr-defined]
        with QSignalBlocker(self.lineEdit()):
            self.lineEdit().setText(self.text_of(value))

    def _parse(self, text: str) -> float:
        return parse_number(text, whole=self.knob.kind == "int")

    def _why_not(self, text: str) -> str:
        """Return why `text` cannot be taken, or nothing."""
        try:
            self.knob.check(self._parse(text))
        except (NumberTextError, KnobError) as error:
            return str(error)
        return ""

    def _on_text_edited(self, text: str) -> None:
        why = self._why_not(text)
        self._kept = text if why else None
        self._set_problem(why)

    def _set_problem(self, why: str) -> None:
        if why == self.problem:
            return
        self.problem = why
        self.setToolTip(why or tip(self.knob))
        set_style_property(self, "error", bool(why))
        self.problem_changed.emit(why)


class NumberField(Described, _Typing, QDoubleSpinBox):
    """Edit a float knob; `value()` is exactly what was set or typed, down to 1e-300."""

    problem_changed = Signal(str)

    def __init__(self, knob: Knob, scale: Scale | None = None, columns: int = 7) -> None:
        super().__init__()
        self.use_knob(knob, scale, columns)
        self.setDecimals(_ALL_DECIMALS)
        self.setRange(knob.low, knob.high)
        self.setValue(float(knob.default))

    def setValue(self, value: float) -> None:
        """Show `value`, in the place of a wrong text too."""
        self.clear_problem()
        super().setValue(float(value))

    def set_number(self, value: float) -> None:
        """Show `value`; whole-number fields have the same."""
        self.setValue(value)

    def textFromValue(self, value: float) -> str:
        """Write `value` in the C locale."""
        return self.text_of(value)

    def valueFromText(self, text: str) -> float:
        """Read any notation; a wrong text means the value there is."""
        return self.number_in(text, self.value())

    def stepBy(self, count: int) -> None:
        """Go `count` round steps up or down."""
        if not self.problem:
            self.interpretText()
            self.setValue(self.scale.stepped(self.value(), count))


class IntField(Described, _Typing, QSpinBox):
    """Edit a whole-number knob."""

    problem_changed = Signal(str)

    def __init__(self, knob: Knob, scale: Scale | None = None, columns: int = 7) -> None:
        super().__init__()
        self.use_knob(knob, scale, columns)
        self.setRange(int(max(knob.low, -_INT_BOUND)), int(min(knob.high, _INT_BOUND)))
        self.setValue(int(knob.default))

    def setValue(self, value: int) -> None:
        """Show `value`, in the place of a wrong text too."""
        self.clear_problem()
        super().setValue(int(value))

    def set_number(self, value: float) -> None:
        """Show `value`, which is a whole number."""
        self.setValue(int(value))

    def textFromValue(self, value: int) -> str:
        """Write `value` in the C locale."""
        return self.text_of(value)

    def valueFromText(self, text: str) -> int:
        """Read any notation of a whole number; a wrong text means the value there is."""
        return int(self.number_in(text, self.value()))

    def stepBy(self, count: int) -> None:
        """Go `count` round steps up or down."""
        if not self.problem:
            self.interpretText()
            self.setValue(int(self.scale.stepped(self.value(), count)))


Field = NumberField | IntField


def field_for(knob: Knob, scale: Scale | None = None, columns: int = 7) -> Field:
    """Return the field that suits a number knob."""
    make = IntField if knob.kind == "int" else NumberField
    return make(knob, scale, columns)
