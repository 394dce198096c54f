"""A short list of folders, to which some can be added and from which some can be taken."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.ui.theme import scaled
from studio.ui.tip import wrapped

_HEIGHT = 84


class FolderList(QWidget):
    """Show folders; Del takes the chosen one out of the list, the folder itself stays."""

    changed = Signal(tuple)  # the folders

    def __init__(self, name: str, label: str) -> None:
        super().__init__()
        self.setFixedHeight(scaled(_HEIGHT))
        self.list = _List()
        self.list.setObjectName(name)
        self.list.setAccessibleName(label)
        self.list.setProperty("role", "box")
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.deleted.connect(self._on_remove)
        self.list.currentRowChanged.connect(lambda _row: self._update())
        self.add = _button("Add…", f"{name}_add", "Choose a folder to be searched for models.")
        self.remove = _button("Remove", f"{name}_remove", "Search this folder no longer.")
        self.add.clicked.connect(self._on_add)
        self.remove.clicked.connect(self._on_remove)
        beside = QVBoxLayout()
        beside.setSpacing(scaled(4))
        beside.addWidget(self.add)
        beside.addWidget(self.remove)
        beside.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(scaled(8))
        row.addWidget(self.list, 1)
        row.addLayout(beside)
        self._update()

    @property
    def folders(self) -> tuple[str, ...]:
        """Return the folders in the list."""
        return tuple(self.list.item(row).text() for row in range(self.list.count()))

    def show_folders(self, folders: Sequence[str]) -> None:
        """List folders, without a signal."""
        self.list.clear()
        for folder in folders:
            self.list.addItem(folder)
            self.list.item(self.list.count() - 1).setToolTip(wrapped(folder))
        self._update()

    def _on_add(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Watch a folder of models")
        if folder and folder not in self.folders:
            self._take((*self.folders, folder))

    def _on_remove(self) -> None:
        row = self.list.currentRow()
        if row >= 0:
            self._take(self.folders[:row] + self.folders[row + 1 :])

    def _take(self, folders: tuple[str, ...]) -> None:
        self.show_folders(folders)
        self.changed.emit(folders)

    def _update(self) -> None:
        self.remove.setEnabled(self.list.currentRow() >= 0)


class _List(QListWidget):
    deleted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.deleted.emit()
        else:
            super().keyPressEvent(event)


def _button(text: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(wrapped(tip))
    button.setAutoDefault(False)
    return button
