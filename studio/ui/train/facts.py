"""Figures with their names in two columns."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from studio.ui.theme import scaled
from studio.ui.tip import wrapped

EMPTY = "–"


class Facts(QWidget):
    """Show a value for every name; `rows` holds (name, what it means)."""

    def __init__(self, name: str, rows: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(name)
        self.values: dict[str, Value] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(scaled(12), 0, scaled(12), 0)
        grid.setHorizontalSpacing(scaled(8))
        grid.setVerticalSpacing(scaled(4))
        grid.setColumnStretch(1, 1)
        for place, (text, meaning) in enumerate(rows):
            label = QLabel(text)
            label.setProperty("role", "label")
            label.setToolTip(wrapped(meaning))
            value = Value(f"{name}_{text.lower().replace(' ', '_')}", text, meaning)
            grid.addWidget(label, place, 0)
            grid.addWidget(value, place, 1)
            self.values[text] = value

    def show_facts(self, facts: dict[str, str]) -> None:
        """Show what is known; the rest is left open."""
        for name, value in self.values.items():
            value.show_text(facts.get(name, ""))


class Value(QLabel):
    """A figure at the right; one that does not fit ends in … and is whole in the tool tip."""

    def __init__(self, name: str, label: str, meaning: str) -> None:
        super().__init__(EMPTY)
        self._text, self._meaning = "", meaning
        self.setObjectName(name)
        self.setProperty("role", "figure")
        self.setAccessibleName(label)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setToolTip(wrapped(meaning))

    @property
    def whole(self) -> str:
        """Return what is shown, as if there were room for it."""
        return self._text

    def show_text(self, text: str) -> None:
        """Show a value, or that it is not known."""
        if text != self._text:
            self._text = text
            self.setAccessibleDescription(text)
            self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the text to the width."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        text, room = self._text or EMPTY, self.contentsRect().width()
        shown = QFontMetrics(self.font()).elidedText(text, Qt.TextElideMode.ElideRight, room)
        self.setText(shown)
        self.setToolTip(wrapped(text if shown != text else "", self._meaning))
