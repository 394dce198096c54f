"""The row to choose a class, several in turn, any, or a random one for every seed."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit, QListView

from studio.ui.choice import Choice
from studio.ui.classes import (
    ANY,
    RANDOM,
    Classes,
    ClassTextError,
    format_classes,
    parse_classes,
)
from studio.ui.restyle import set_style_property
from studio.ui.row import Row
from studio.ui.tip import wrapped

_TIP = wrapped(
    "The class the pictures are conditioned on: one of the model's, several with commas between, "
    "which take turns over the pictures, or a random one for every seed, drawn from the seed as "
    "the EDM code does.",
    "Any class gives the model no label.",
)


class ListCompleter(QCompleter):
    """Complete the last entry of a list with commas."""

    def __init__(self, entries: list[str], edit: QLineEdit) -> None:
        super().__init__(entries, edit)
        self._edit = edit

    def splitPath(self, path: str) -> list[str]:
        """Look up what stands behind the last comma."""
        return [path.rpartition(",")[2].strip()]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        """Put the completion behind the last comma."""
        head, comma, _ = self._edit.text().rpartition(",")
        return f"{head}{comma}{' ' if comma else ''}{super().pathFromIndex(index)}"


class ClassRow(Row):
    """Edit the `classes` of a recipe as text that can be typed or chosen."""

    def __init__(self) -> None:
        super().__init__(("classes",), "Class", _TIP)
        self._names: tuple[str, ...] = ()
        self._value: Classes = "any"
        self.box = Choice("class_label", "Class", _TIP)
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.edit = QLineEdit()
        self.edit.setAccessibleName("Class")
        self.edit.setToolTip(_TIP)
        self.box.setLineEdit(self.edit)
        self.add_control(self.box)
        self.label.setBuddy(self.box)
        self.set_names(())
        self.box.editTextChanged.connect(self._on_text_changed)
        self.edit.editingFinished.connect(self._on_editing_finished)

    def set_names(self, names: tuple[str, ...]) -> None:
        """Offer the classes of a model."""
        self._names = names
        with QSignalBlocker(self.box):
            self.box.clear()
            for label in (ANY, RANDOM):
                self.box.addItem(label)
            if names:
                self.box.add_heading("Classes")
            self.box.addItems(list(names))
        completer = ListCompleter(list(names), self.edit)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        popup = QListView()
        popup.setObjectName("completions")
        completer.setPopup(popup)
        self.edit.setCompleter(completer)
        self._show()

    def set_value(self, value: Classes) -> None:
        """Show `value` without a signal; what is being typed over the same value stays."""
        if value != self._value or not self.edit.isModified():
            self._value = value
            self._show()
        self.set_modified(value != "any")

    def reset(self) -> None:
        """Go back to any class."""
        self._commit("any")

    def _show(self) -> None:
        text = format_classes(self._value, self._names)
        with QSignalBlocker(self.box):
            self.box.setCurrentIndex(self.box.findText(text, Qt.MatchFlag.MatchCaseSensitive))
            self.box.setEditText(text)
        self.edit.setCursorPosition(0)
        self._set_problem("")

    def _on_text_changed(self, text: str) -> None:
        """Mark an error while typing; take at once what was chosen from the list."""
        try:
            value = parse_classes(text, self._names)
        except ClassTextError as error:
            self._set_problem(str(error))
            return
        self._set_problem("")
        if not self.edit.isModified():
            self._commit(value)

    def _on_editing_finished(self) -> None:
        if not self.edit.isModified():
            return
        try:
            value = parse_classes(self.box.currentText(), self._names)
        except ClassTextError:
            return
        self.edit.setModified(False)
        self._commit(value)

    def _commit(self, value: Classes) -> None:
        changed = value != self._value
        self._value = value
        self._show()
        self.set_modified(value != "any")
        if changed:
            self.changed.emit("classes", value)
            self.committed.emit("classes")

    def _set_problem(self, why: str) -> None:
        set_style_property(self.box, "error", bool(why))
        self.box.setToolTip(wrapped(why) if why else _TIP)
        self.problem_changed.emit("classes", why)
