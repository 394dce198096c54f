"""The list of keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
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

from studio.ui.theme import heading_font, scaled
from studio.ui.tip import wrapped

Shortcut = tuple[str, str]
"""Keys as QKeySequence reads them, “Ctrl+Return”, several with ` / ` between; and what they do."""


class ShortcutsDialog(QDialog):
    """Show what every key does; an entry without keys is a heading."""

    def __init__(self, shortcuts: Sequence[Shortcut], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shortcuts_dialog")
        self.setWindowTitle("Keyboard shortcuts")
        self.setModal(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, scaled(8), 0, scaled(12))
        column.setSpacing(scaled(8))
        table = _table(shortcuts)
        column.addWidget(_scrolling(table), 1)
        column.addLayout(self._make_foot())
        wanted = table.sizeHint()
        wide = max(wanted.width() + scaled(16), scaled(440))
        self.resize(wide, min(wanted.height() + scaled(72), scaled(600)))

    def _make_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(scaled(20), 0, scaled(20), 0)
        note = QLabel("Single keys act while pictures, timeline or takes have the focus.")
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        close = QPushButton("Close")
        close.setToolTip(wrapped("Close the list (Esc)."))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        foot.addWidget(note, 1)
        foot.addSpacing(scaled(12))
        foot.addWidget(close)
        return foot


def key_names(keys: str) -> list[list[str]]:
    """Return the names on the key caps of each alternative, as this system calls them."""
    native = QKeySequence.SequenceFormat.NativeText
    found: list[list[str]] = []
    for one in keys.split(" / "):
        text = QKeySequence(one).toString(native) or one
        text = text.replace("Return", "Enter").replace("Left", "←").replace("Right", "→")
        text = text.replace("Up", "↑").replace("Down", "↓")
        caps = [part or "+" for part in text.split("+")] if text != "+" else ["+"]
        if caps not in found:
            found.append(caps)
    return found


def _table(shortcuts: Sequence[Shortcut]) -> QWidget:
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(scaled(20), scaled(4), scaled(20), scaled(4))
    grid.setHorizontalSpacing(scaled(16))
    grid.setVerticalSpacing(scaled(4))
    grid.setColumnStretch(0, 1)
    for line, (keys, what) in enumerate(shortcuts):
        label = QLabel(what.upper() if not keys else what)
        label.setProperty("role", "label" if keys else "heading")
        grid.addWidget(label, line, 0)
        if keys:
            label.setMinimumHeight(scaled(24))
            grid.addWidget(_caps(keys), line, 1, Qt.AlignmentFlag.AlignRight)
        else:
            label.setFont(heading_font())
            label.setMinimumHeight(scaled(32))
            label.setAlignment(Qt.AlignmentFlag.AlignBottom)
    grid.setRowStretch(len(shortcuts), 1)
    return table


def _caps(keys: str) -> QWidget:
    holder = QWidget()
    holder.setAccessibleName(keys)
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(scaled(4))
    for place, caps in enumerate(key_names(keys)):
        if place:
            row.addWidget(_word("or"))
        for cap in caps:
            label = QLabel(cap)
            label.setProperty("role", "key")
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            row.addWidget(label)
    return holder


def _word(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    return label


def _scrolling(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setAccessibleName("Shortcuts")
    return area
