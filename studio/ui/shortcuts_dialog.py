"""The list of keys, where they can be changed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.ui.commands import Bindings
from studio.ui.keys_cell import KeysCell
from studio.ui.restyle import set_style_property
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

_NOTE = (
    "Click on keys to change them. Single keys act while pictures, timeline or takes have focus."
)


class ShortcutsDialog(QDialog):
    """Show what every key does, and let each be changed."""

    def __init__(self, bindings: Bindings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shortcuts_dialog")
        self.setWindowTitle("Keyboard shortcuts")
        self.setModal(True)
        self._bindings = bindings
        self.cells: dict[str, KeysCell] = {}
        self.note = QLabel(_NOTE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, scaled(8), 0, scaled(12))
        column.setSpacing(scaled(8))
        table = self._make_table()
        column.addWidget(_scrolling(table), 1)
        column.addLayout(self._make_foot())
        wanted = table.sizeHint()
        wide = max(wanted.width() + scaled(16), scaled(480))
        self.resize(wide, min(wanted.height() + scaled(80), scaled(640)))

    def _make_table(self) -> QWidget:
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(scaled(20), scaled(4), scaled(20), scaled(4))
        grid.setHorizontalSpacing(scaled(16))
        grid.setVerticalSpacing(scaled(4))
        grid.setColumnStretch(0, 1)
        for line, (id, keys, what) in enumerate(self._bindings.table()):
            label = QLabel(what)
            label.setProperty("role", "label")
            label.setMinimumHeight(scaled(24))
            cell = KeysCell(keys, what, partial(self._bindings.rebind, id))
            cell.refused.connect(self._say)
            self.cells[id] = cell
            grid.addWidget(label, line, 0)
            grid.addWidget(cell, line, 1)
        grid.setRowStretch(len(self.cells), 1)
        return table

    def _make_foot(self) -> QHBoxLayout:
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)
        reset = QPushButton("Reset")
        reset.setToolTip(wrapped("Give every command the keys that it had at first."))
        reset.setAutoDefault(False)
        reset.clicked.connect(self._on_reset_clicked)
        close = QPushButton("Close")
        close.setToolTip(wrapped("Close the list (Esc)."))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.setContentsMargins(scaled(20), 0, scaled(20), 0)
        foot.setSpacing(scaled(8))
        foot.addWidget(self.note, 1)
        foot.addWidget(reset)
        foot.addWidget(close)
        return foot

    def _say(self, problem: str) -> None:
        self.note.setText(problem or _NOTE)
        set_style_property(self.note, "role", "error" if problem else "muted")

    def _on_reset_clicked(self) -> None:
        self._bindings.reset()
        for id, keys, _ in self._bindings.table():
            self.cells[id].show_keys(keys)
        self._say("")


def _scrolling(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setAccessibleName("Shortcuts")
    return area
