"""The row of a model that helps another: none, one of those at hand, or a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from studio.library import ModelRef
from studio.ui.choice import Choice
from studio.ui.row import Row

if TYPE_CHECKING:
    from studio.ui.model_choices import ModelChoice

_ANOTHER, _FOLDER = "file…", "folder…"


class FileRow(Row):
    """Choose the `ModelRef` of a field of the recipe, or none; files can be dropped on it.

    `offer()` returns the models at hand; `asking` asks for a path, of a folder if true, that comes
    back through `take`.
    """

    asking = Signal(bool)

    def __init__(
        self, name: str, label: str, tip: str, offer: Callable[[], Iterable[ModelChoice]]
    ) -> None:
        super().__init__((name,), label, tip)
        self._offer = offer
        self._tip = tip
        self.value: ModelRef | None = None
        self.box = Choice(name, label, tip)
        self.add_control(self.box)
        self.label.setBuddy(self.box)
        self.setAcceptDrops(True)
        self.box.activated.connect(self._on_activated)
        self._fill()

    def set_value(self, value: ModelRef | None) -> None:
        """Show a model, or none, without a signal."""
        if value != self.value:
            self.value = value
            self._fill()
        self.set_modified(value is not None)

    def refill(self) -> None:
        """Offer what is at hand now."""
        self._fill()

    def take(self, path: str) -> None:
        """Take the model at a path, as the person chose it; an empty one is none."""
        name = self.box.itemText(self.box.findData(path)) if path else ""
        self.set_value(ModelRef(path=path, name=name or Path(path).stem) if path else None)
        self.changed.emit(self.ids[0], self.value)
        self.committed.emit(self.ids[0])

    def reset(self) -> None:
        """Go back to none."""
        if self.value is not None:
            self.take("")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a file."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the file that was dropped."""
        for url in event.mimeData().urls()[:1]:
            if url.isLocalFile():
                self.take(url.toLocalFile())

    def _fill(self) -> None:
        present = self.value.path if self.value else ""
        with QSignalBlocker(self.box):
            self.box.clear()
            self.box.add_choice("", "None")
            for choice in self._offer():
                if not choice.problem:
                    self.box.add_choice(choice.path, choice.name, choice.path)
            if present and self.box.findData(present) < 0:
                assert self.value is not None
                self.box.add_choice(present, self.value.name or Path(present).name, present)
            self.box.add_choice(_ANOTHER, "Choose a file…")
            self.box.add_choice(_FOLDER, "Choose a folder…")
            self.box.choose(present)

    def _on_activated(self, at: int) -> None:
        data = self.box.itemData(at)
        if data in (_ANOTHER, _FOLDER):
            self.box.choose(self.value.path if self.value else "")
            self.asking.emit(data == _FOLDER)
        elif data != (self.value.path if self.value else ""):
            self.take(data)
