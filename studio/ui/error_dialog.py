"""An error with everything that helps to find its cause, to be read and copied."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.engine.fault import Fault
from studio.ui.line_room import fit_lines
from studio.ui.theme import mono_font, scaled
from studio.ui.tip import wrapped

_WIDTH, _HEIGHT, _MARGIN = 640, 460, 16


class ErrorDialog(QDialog):
    """Show a fault over the text of its report."""

    def __init__(self, fault: Fault, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("error_dialog")
        self.setWindowTitle("Error")
        self.setModal(True)
        self.report = report
        self.text = QPlainTextEdit(report)
        self._copy = QPushButton("Copy all")
        self._lay_out(fault)
        self.resize(scaled(_WIDTH), scaled(_HEIGHT))
        self._copy.setFocus()

    def copy(self) -> None:
        """Put the report on the clipboard."""
        QGuiApplication.clipboard().setText(self.report)
        self._copy.setText("Copied")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy all with Ctrl+C where no part is selected."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def _lay_out(self, fault: Fault) -> None:
        column = QVBoxLayout(self)
        margin = scaled(_MARGIN)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(scaled(8))
        for text, role in ((fault.title, "title"), (fault.advice, "muted")):
            if text:
                label = QLabel(text)
                label.setProperty("role", role)
                label.setWordWrap(True)
                label.setTextFormat(Qt.TextFormat.PlainText)
                fit_lines(label, scaled(_WIDTH) - 2 * margin)
                column.addWidget(label)
        self.text.setObjectName("error_report")
        self.text.setAccessibleName("Report of the error")
        self.text.setToolTip(wrapped("For a report: versions, model, recipe, technical story."))
        self.text.setReadOnly(True)
        self.text.setFont(mono_font(11))
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        column.addWidget(self.text, 1)
        column.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        self._copy.setToolTip(wrapped("Copy the whole report (Ctrl+C)."))
        self._copy.clicked.connect(self.copy)
        close = QPushButton("Close")
        close.setToolTip(wrapped("Close the error (Esc)."))
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(scaled(8))
        row.addStretch(1)
        row.addWidget(self._copy)
        row.addWidget(close)
        return row
