"""Leave undo to the window where nothing is being typed."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

_STANDARD = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class WindowUndo(QObject):
    """Let Ctrl+Z in a box take back the last knob, unless it can take back typing.

    edit: where is typed; owner: the widget that has the focus then, if that is another one.
    """

    def __init__(self, edit: QLineEdit, owner: QWidget | None = None) -> None:
        watched = owner or edit
        super().__init__(watched)
        self._edit = edit
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the box from claiming the keys of undo and redo while its text is untouched."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if self._edit.isModified() or not any(event.matches(key) for key in _STANDARD):
            return False
        event.ignore()
        return True
