"""The field that searches the takes, with a button for the starred ones."""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from studio.library.search import HELP, STARRED
from studio.ui.icon_button import IconButton
from studio.ui.icons import icon
from studio.ui.theme import current, scaled
from studio.ui.tip import Described, wrapped

DELAY_MS = 150


class _Box(Described, QLineEdit):
    """Leave with Down; empty with Esc, which otherwise stops what runs."""

    left = Signal()

    def event(self, event: QEvent) -> bool:
        """Keep Esc from the window while there is something to empty."""
        if event.type() == QEvent.Type.ShortcutOverride and self._empties(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave or empty."""
        if event.key() == Qt.Key.Key_Down:
            self.left.emit()
        elif self._empties(event):
            self.clear()
        else:
            super().keyPressEvent(event)

    def _empties(self, event: QEvent) -> bool:
        escaping = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        return escaping and bool(self.text())


class TakeSearch(QWidget):
    """Say what is searched for once typing pauses; Down leads into the list, Esc empties it."""

    changed = Signal(str)
    left = Signal()
    """The person goes on to the list."""

    def __init__(self) -> None:
        super().__init__()
        self.box = _Box()
        self.box.setObjectName("take_search")
        self.box.setAccessibleName("search the takes")
        self.box.setPlaceholderText("Search")
        self.box.setToolTip(wrapped("Search the takes (Ctrl+F).", HELP))
        self.box.setFixedHeight(scaled(24))
        self.box.setClearButtonEnabled(True)
        self._glass = QAction(self)
        self.box.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.star = IconButton(
            "star", "starred takes only", "Show only starred takes", checked_icon="starred"
        )
        self.star.setObjectName("starred_only")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 6)
        row.setSpacing(4)
        row.addWidget(self.box, 1)
        row.addWidget(self.star)
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self._say)
        self.box.textChanged.connect(lambda _text: self._timer.start())
        self.box.returnPressed.connect(self._on_return)
        self.box.left.connect(self._on_return)
        self.star.toggled.connect(self._say)
        self._renew()

    def text(self) -> str:
        """Return the search as the library understands it."""
        starred = STARRED if self.star.isChecked() else ""
        return f"{self.box.text().strip()} {starred}".strip()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._renew()

    def _on_return(self) -> None:
        self._say()
        self.left.emit()

    def _say(self) -> None:
        self._timer.stop()
        self.changed.emit(self.text())

    def _renew(self) -> None:
        self._glass.setIcon(icon("search", current().muted, 16))
