"""The field in which a prompt is written."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from studio.library.fields import MAX_PROMPT
from studio.ui.prompt.weighting import STEP, Weighted, weighted
from studio.ui.theme import scaled
from studio.ui.tip import Described

PAUSE_MS = 300
"""After which what was typed counts."""

_LINES = (2, 10)
_PADDING = 5
_UNDO = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
_WEIGHTS = {Qt.Key.Key_Up: STEP, Qt.Key.Key_Down: -STEP}


class PromptEdit(Described, QPlainTextEdit):
    """Write text on as many lines as it needs; Ctrl+Up and Ctrl+Down weigh what is chosen.

    `edited` tells of the text once typing pauses, and when the field is left.
    """

    edited = Signal(str)

    def __init__(self, name: str, label: str, tip: str, placeholder: str) -> None:
        super().__init__()
        self.value = ""
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setToolTip(tip)
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(scaled(_PADDING))
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.commit)
        self.textChanged.connect(self._on_text_changed)
        self._grow()

    def set_value(self, text: str) -> None:
        """Show `text` without a signal; what is being typed over the same text stays."""
        if text == self.value:
            return
        self.value = text
        self._pause.stop()
        if text != self.toPlainText():
            with QSignalBlocker(self):
                self.setPlainText(text)
                self.moveCursor(QTextCursor.MoveOperation.End)
                self.verticalScrollBar().setValue(0)
            self._grow()

    def commit(self) -> None:
        """Tell what was typed, if that has not been told."""
        self._pause.stop()
        text = self.toPlainText()
        if text != self.value:
            self.value = text
            self.edited.emit(text)

    def weigh(self, change: float) -> None:
        """Give what is chosen, or the word at the cursor, more or less weight."""
        cursor = self.textCursor()
        before = Weighted(self.toPlainText(), cursor.selectionStart(), cursor.selectionEnd())
        after = weighted(before, change)
        if after.text == before.text:
            return
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(after.text)  # can be undone
        cursor.setPosition(after.start)
        cursor.setPosition(after.end, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    def event(self, event: QEvent) -> bool:
        """Leave undo to the window where nothing was typed, and take the keys of weights."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if any(event.matches(key) for key in _UNDO) and not self._can_undo(event):
                event.ignore()
                return True
            if _weighs(event):
                event.accept()
                return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Weigh words with Ctrl+Up and Ctrl+Down."""
        if _weighs(event):
            self.weigh(_WEIGHTS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Leave files to the window, which restores pictures and opens models."""
        return not source.hasUrls() and super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste plain text without signs that no file can hold."""
        cleaned = QMimeData()
        room = MAX_PROMPT - len(self.toPlainText()) + len(self.textCursor().selectedText())
        cleaned.setText(_writable(source.text())[: max(0, room)])
        super().insertFromMimeData(cleaned)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was typed."""
        super().focusOutEvent(event)
        self.commit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep room for every line."""
        super().resizeEvent(event)
        self._grow()

    def _on_text_changed(self) -> None:
        self._grow()
        self._pause.start()

    def _can_undo(self, event: QKeyEvent) -> bool:
        undo = event.matches(QKeySequence.StandardKey.Undo)
        document = self.document()
        return document.isUndoAvailable() if undo else document.isRedoAvailable()

    def _grow(self) -> None:
        """Take the height of the lines, within limits; a bar comes beyond."""
        wanted = round(self.document().size().height())
        lines = min(max(wanted, _LINES[0]), _LINES[1])
        off, on = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(on if wanted > lines else off)
        spacing = self.fontMetrics().lineSpacing()
        height = lines * spacing + 2 * (scaled(_PADDING) + self.frameWidth())
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)
            self.updateGeometry()


def _weighs(event: QKeyEvent) -> bool:
    keypad = Qt.KeyboardModifier.KeypadModifier  # which the arrows of some systems have
    plain = event.modifiers() & ~keypad == Qt.KeyboardModifier.ControlModifier
    return plain and event.key() in _WEIGHTS


def _writable(text: str) -> str:
    """Return a text with line ends of one kind and without control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c >= " " or c in "\n\t")
