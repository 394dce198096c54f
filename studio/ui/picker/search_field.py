"""The field that one types into at once; the arrow keys go through the list meanwhile."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from studio.ui.icons import icon
from studio.ui.theme import current, scaled
from studio.ui.tip import Described, wrapped

_PASSED_ON = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class SearchField(Described, QLineEdit):
    """Say what is typed; hand the keys of the list on to it; Esc empties the field first."""

    key_passed = Signal(object)  # QKeyEvent

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("model_search")
        self.setAccessibleName("search the models")
        self.setPlaceholderText("Type a name, a family, a size, a folder")
        self.setToolTip(
            wrapped(
                "Only entries with all of these words are listed. Up and Down go through the list, "
                "Enter opens, Ctrl+D stars, Esc empties this field and then closes."
            )
        )
        self.setFixedHeight(scaled(32))
        self.setClearButtonEnabled(True)
        self._glass = QAction(self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self._renew()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass on the keys that are the list's."""
        if Qt.Key(event.key()) in _PASSED_ON:
            self.key_passed.emit(event)
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._renew()

    def _renew(self) -> None:
        self._glass.setIcon(icon("search", current().muted, 16))
