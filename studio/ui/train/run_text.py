"""A run file to be edited, with what is wrong in it said below."""

from __future__ import annotations

import re

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.ui.recipe_section import Remark
from studio.ui.theme import current, mono_font, scaled
from studio.ui.tip import wrapped

_PATIENCE_MS = 200
_TIP = "Every key with what it does; a key that is left out has the value that is shown here"


class RunText(QWidget):
    """Edit the text and check it as the trainer would; `problem` says what it would refuse."""

    checked = Signal()
    """The text was checked: `problem` is up to date."""
    edited = Signal()
    """The person has changed the text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = ""
        self.editor = QPlainTextEdit()
        self.editor.setObjectName("run_file")
        self.editor.setAccessibleName("run file")
        self.editor.setToolTip(_TIP)
        self.editor.setFont(mono_font(12))
        self.editor.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.editor.setTabChangesFocus(True)
        self._colors = _Colors(self.editor.document())
        self.remark = Remark("error")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(scaled(4))
        column.addWidget(self.editor, 1)
        column.addWidget(self.remark)
        self._filling = False
        self._later = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._later.timeout.connect(self.check)
        self.editor.textChanged.connect(self._on_changed)

    @property
    def text(self) -> str:
        """Return the text."""
        return self.editor.toPlainText()

    def set_text(self, text: str) -> None:
        """Show a text that the person did not write."""
        if text != self.text:
            self._filling = True
            self.editor.setPlainText(text)
            self._filling = False
        self.check()

    def check(self) -> None:
        """Find out what the trainer would say."""
        from studio.training.errors import TrainingError
        from studio.training.run_file import parse_run_file

        self._later.stop()
        try:
            parse_run_file(self.text.encode(), "run.toml")
            self.problem = ""
        except TrainingError as error:
            self.problem = str(error)
        self.remark.say(self.problem)
        self.checked.emit()

    def _on_changed(self) -> None:
        self._later.start()
        if not self._filling:
            self.edited.emit()


class RunFileDialog(QDialog):
    """Edit the run file of a run that stands still; `wanted` carries the new text."""

    wanted = Signal(str)

    def __init__(self, name: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_file_dialog")
        self.setWindowTitle(f"Settings of {name}")
        self.text = RunText()
        self.text.set_text(text)
        self.save = QPushButton("Save")
        self.save.setObjectName("save_run_file")
        self.save.setProperty("kind", "primary")
        self.save.setDefault(True)
        cancel = QPushButton("Cancel")
        cancel.setToolTip("Leave the settings as they were (Esc)")
        cancel.setAutoDefault(False)
        note = QLabel("They count from the next Resume on; the network has to stay as it is.")
        note.setProperty("role", "muted")
        foot = QHBoxLayout()
        foot.setSpacing(scaled(8))
        foot.addWidget(note, 1)
        foot.addWidget(cancel)
        foot.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(scaled(12), scaled(12), scaled(12), scaled(12))
        column.setSpacing(scaled(8))
        column.addWidget(self.text, 1)
        column.addLayout(foot)
        self.save.clicked.connect(self._on_save)
        cancel.clicked.connect(self.reject)
        self.text.checked.connect(self._show_state)
        self._show_state()
        self.resize(scaled(760), scaled(640))

    def _on_save(self) -> None:
        self.text.check()
        if not self.text.problem:
            self.wanted.emit(self.text.text)
            self.accept()

    def _show_state(self) -> None:
        self.save.setEnabled(not self.text.problem)
        self.save.setToolTip(wrapped(self.text.problem or "Write the run file"))


class _Colors(QSyntaxHighlighter):
    """Mute comments and mark sections."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        ink = QTextCharFormat()
        if text.lstrip().startswith("#"):
            ink.setForeground(QColor(current().muted))
        elif re.match(r"\s*\[[^\]=]+\]\s*$", text):
            ink.setForeground(QColor(current().accent))
        else:
            return
        self.setFormat(0, len(text), ink)
