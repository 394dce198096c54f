"""The log: what happened, when, to be searched, copied and saved."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.session.journal import MOST, Entry, Journal
from studio.ui.choice import Choice
from studio.ui.log_text import LogColors
from studio.ui.row import CONTROL_HEIGHT
from studio.ui.theme import mono_font, scaled
from studio.ui.tip import wrapped

LEVELS = (
    (str(logging.DEBUG), "Everything"),
    (str(logging.WARNING), "Warnings and errors"),
    (str(logging.ERROR), "Errors"),
)


class LogWindow(QDialog):
    """Show the entries of the journal as they come, those of a level that hold some words."""

    def __init__(self, journal: Journal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("log_window")
        self.setWindowTitle("Log")
        self._journal = journal
        self.level = Choice("log_level", "Level", wrapped("Which entries are shown."))
        for value, label in LEVELS:
            self.level.add_choice(value, label)
        self.search = QLineEdit()
        self.text = QPlainTextEdit()
        self._colors = LogColors(self.text.document())
        self._nothing = QLabel()
        self._lay_out()
        self.level.currentIndexChanged.connect(lambda _index: self._show())
        self.search.textChanged.connect(lambda _text: self._show())
        journal.added.connect(self._on_added, Qt.ConnectionType.QueuedConnection)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self.search.setFocus)
        self.resize(scaled(820), scaled(480))
        self._show()

    def copy(self) -> None:
        """Put all that is shown on the clipboard."""
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def save(self) -> None:
        """Ask where to, and save all that is shown."""
        path, _ = QFileDialog.getSaveFileName(self, "Save the log", "elucidate.log")
        if path:
            try:
                Path(path).write_text(f"{self.text.toPlainText()}\n", encoding="utf-8")
            except OSError as error:
                self._note.setText(f"It could not be saved: {error.strerror or error}.")
            else:
                self._note.setText(f"Saved to {path}.")

    def _lay_out(self) -> None:
        self.search.setObjectName("log_search")
        self.search.setAccessibleName("Search the log")
        self.search.setPlaceholderText("Search")
        self.search.setToolTip(wrapped("Only entries that hold these words (Ctrl+F)."))
        self.search.setClearButtonEnabled(True)
        self.search.setFixedHeight(scaled(CONTROL_HEIGHT))
        self.level.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.level.setFixedWidth(scaled(180))
        self.text.setObjectName("log_text")
        self.text.setAccessibleName("Log")
        self.text.setReadOnly(True)
        self.text.setFont(mono_font(11))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        top = QHBoxLayout()
        top.setSpacing(scaled(8))
        top.addWidget(self.level)
        top.addWidget(self.search, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(scaled(12), scaled(12), scaled(12), scaled(12))
        column.setSpacing(scaled(8))
        column.addLayout(top)
        column.addWidget(self.text, 1)
        column.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        self._note = QLabel(f"Also written to {self._journal.file}")
        self._note.setProperty("role", "muted")
        self._note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout()
        row.setSpacing(scaled(8))
        row.addWidget(self._note, 1)
        for text, tip, deed in (
            ("Copy all", "Copy all that is shown.", self.copy),
            ("Save…", "Save all that is shown in a file.", self.save),
            ("Close", "Close the log (Esc).", self.close),
        ):
            button = QPushButton(text)
            button.setToolTip(wrapped(tip))
            button.setAutoDefault(False)
            button.clicked.connect(deed)
            row.addWidget(button)
        return row

    def _show(self) -> None:
        self.text.setPlainText("\n".join(entry.line for entry in self._wanted(self._entries())))
        self._scroll_down()

    def _entries(self) -> tuple[Entry, ...]:
        return tuple(self._journal.entries)

    def _wanted(self, entries: Iterable[Entry]) -> list[Entry]:
        level, words = int(self.level.currentData()), self.search.text().casefold().split()
        return [
            entry
            for entry in entries
            if entry.level >= level and all(word in entry.line.casefold() for word in words)
        ]

    def _on_added(self, entry: Entry) -> None:
        bar = self.text.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 1
        for wanted in self._wanted([entry]):
            self.text.appendPlainText(wanted.line)
        if self.text.blockCount() > 4 * MOST:  # the oldest have left the journal, too
            self._show()
        elif at_end:
            self._scroll_down()

    def _scroll_down(self) -> None:
        bar = self.text.verticalScrollBar()
        bar.setValue(bar.maximum())
