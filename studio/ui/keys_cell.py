"""The keys of one command as caps; a click lets the person press others."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QKeySequenceEdit, QLabel, QStackedWidget, QWidget

from studio.ui.theme import scaled
from studio.ui.tip import wrapped

_TIP = "Click, then press the keys that you want; Esc leaves them as they are, Backspace takes all."


def key_names(keys: str) -> list[list[str]]:
    """Return the names on the key caps of each alternative, as this system calls them."""
    native = QKeySequence.SequenceFormat.NativeText
    found: list[list[str]] = []
    for one in filter(None, keys.split(" / ")):
        text = QKeySequence(one).toString(native) or one
        text = text.replace("Return", "Enter").replace("Left", "←").replace("Right", "→")
        text = text.replace("Up", "↑").replace("Down", "↓")
        caps = [part or "+" for part in text.split("+")] if text != "+" else ["+"]
        if caps not in found:
            found.append(caps)
    return found


class KeysCell(QStackedWidget):
    """Show keys; ask `rebind(keys)` for others, which returns why it cannot be."""

    refused = Signal(str)
    """Why the keys pressed cannot be taken; empty when they are."""

    def __init__(self, keys: str, what: str, rebind: Callable[[str], str]) -> None:
        super().__init__()
        self._rebind = rebind
        self.keys = keys
        self._editor = QKeySequenceEdit()
        self._editor.setMaximumSequenceLength(1)
        self._editor.setAccessibleName(f"new keys for {what}")
        self._editor.setToolTip("Press the keys")
        self._editor.editingFinished.connect(self._on_editing_finished)
        self._editor.installEventFilter(self)
        self.setAccessibleName(f"keys for {what}")
        self.setToolTip(wrapped(_TIP))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumWidth(scaled(120))
        self._caps = _caps(keys)
        self.addWidget(self._caps)
        self.addWidget(self._editor)

    def show_keys(self, keys: str) -> None:
        """Show other keys."""
        self.keys = keys
        self.removeWidget(self._caps)
        self._caps.deleteLater()
        self._caps = _caps(keys)
        self.insertWidget(0, self._caps)
        self.setCurrentIndex(0)

    def edit(self) -> None:
        """Wait for the person to press keys."""
        self._editor.clear()
        self.setCurrentIndex(1)
        self._editor.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Begin to edit with Enter or Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.edit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to edit."""
        self.edit()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Leave the editor with Esc, or when the focus goes elsewhere."""
        if event.type() == QEvent.Type.KeyPress:
            key = event.key()  # type: ignore[attr-defined]
            if key == Qt.Key.Key_Escape:
                self.setCurrentIndex(0)
                return True
            if key == Qt.Key.Key_Backspace:
                self._take("")
                return True
        if event.type() == QEvent.Type.FocusOut:
            self.setCurrentIndex(0)
        return False

    def _on_editing_finished(self) -> None:
        keys = self._editor.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if keys and self.currentIndex() == 1:
            self._take(keys)

    def _take(self, keys: str) -> None:
        problem = self._rebind(keys)
        if not problem:
            self.show_keys(keys)
        self.setCurrentIndex(0)
        self.refused.emit(problem)


def _caps(keys: str) -> QWidget:
    holder = QWidget()
    holder.setAccessibleName(keys or "no keys")
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(scaled(4))
    row.addStretch(1)
    for place, caps in enumerate(key_names(keys) or [["none"]]):
        if place:
            row.addWidget(_word("or"))
        for cap in caps:
            row.addWidget(_cap(cap) if keys else _word(cap))
    return holder


def _cap(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "key")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label


def _word(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    return label
