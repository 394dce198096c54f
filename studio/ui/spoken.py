"""Tell a screen reader the values of widgets that paint themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from PySide6.QtGui import (
    QAccessible,
    QAccessibleInterface,
    QAccessibleValueChangeEvent,
    QAccessibleValueInterface,
)
from PySide6.QtWidgets import QAccessibleWidget, QWidget


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said of a widget: its value in words and, where it is a number, within which ends."""

    words: str
    value: float | None = None
    low: float = 0.0
    high: float = 0.0
    step: float = 0.0


@runtime_checkable
class Speaking(Protocol):
    """A widget that says what it shows."""

    spoken_role: QAccessible.Role

    def spoken(self) -> Spoken:
        """Return what is said of it now."""

    def speak_value(self, value: float) -> None:
        """Take a value that assistive technology sets."""


class _Value(QAccessibleValueInterface):
    def __init__(self, widget: Any) -> None:
        super().__init__()
        self._widget = widget

    def currentValue(self) -> Any:
        return self._widget.spoken().value

    def minimumValue(self) -> Any:
        return self._widget.spoken().low

    def maximumValue(self) -> Any:
        return self._widget.spoken().high

    def minimumStepSize(self) -> Any:
        return self._widget.spoken().step

    def setCurrentValue(self, value: Any) -> None:
        self._widget.speak_value(float(value))


class _Interface(QAccessibleWidget):
    def __init__(self, widget: Any) -> None:
        super().__init__(widget, widget.spoken_role)
        self._widget = widget
        self._value = _Value(widget)

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Value:
            return str(self._widget.spoken().words)
        return super().text(kind)

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        number = kind == QAccessible.InterfaceType.ValueInterface
        if number and self._widget.spoken().value is not None:
            return self._value
        return super().interface_cast(kind)


def install_speech() -> None:
    """Let every widget that is `Speaking` be asked for its value; once in a process."""
    if not _installed:
        QAccessible.installFactory(_make)
        _installed.append(True)


def say_changed(widget: QWidget) -> None:
    """Tell assistive technology that a widget has another value."""
    if QAccessible.isActive() and isinstance(widget, Speaking):
        said = widget.spoken()
        value = said.words if said.value is None else said.value
        QAccessible.updateAccessibility(QAccessibleValueChangeEvent(widget, value))


def _make(_kind: str, thing: object) -> QAccessibleInterface | None:
    return _Interface(thing) if isinstance(thing, QWidget) and isinstance(thing, Speaking) else None


_installed: list[bool] = []
