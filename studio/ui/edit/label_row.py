"""The row to choose one class, or none."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker

from studio.session.editing.likelihood import OWN
from studio.ui.choice import Choice
from studio.ui.row import Row
from studio.ui.tip import wrapped

NONE = -1
"""No class: the model is asked without one."""


class LabelRow(Row):
    """Choose a class of the model; hidden where the model has none."""

    def __init__(
        self, name: str, text: str, tip: str, *, none: str = "No class", own: str = ""
    ) -> None:
        super().__init__((name,), text, wrapped(tip))
        self._first = [(NONE, none)] if none else []
        self._first += [(OWN, own)] if own else []
        self._names: tuple[str, ...] | None = None
        self.box = Choice(name, text, wrapped(tip))
        self.add_control(self.box)
        self.label.setBuddy(self.box)
        self.box.activated.connect(self._on_activated)
        self.set_names(())

    @property
    def value(self) -> int:
        """Return the class that is shown, NONE or OWN."""
        data = self.box.currentData()
        return NONE if data is None else int(data)

    def set_names(self, names: Sequence[str]) -> None:
        """Offer the classes of a model."""
        if tuple(names) != self._names:
            self._names, kept = tuple(names), self.value
            with QSignalBlocker(self.box):
                self.box.clear()
                for value, words in (*self._first, *enumerate(names)):
                    self.box.add_choice(value, words)
            self.set_value(kept)
        self.setVisible(bool(names))

    def set_value(self, value: int) -> None:
        """Show a class without a signal; one that is not offered is the first that is."""
        with QSignalBlocker(self.box):
            place = self.box.findData(value)
            self.box.setCurrentIndex(max(place, 0))
        self.set_modified(bool(self._first) and place > 0)

    def reset(self) -> None:
        """Go back to the first."""
        self.box.setCurrentIndex(0)
        self._on_activated(0)

    def _on_activated(self, place: int) -> None:
        self.set_modified(bool(self._first) and place > 0)
        self.changed.emit(self.ids[0], self.value)
        self.committed.emit(self.ids[0])
