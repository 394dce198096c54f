"""The list of takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QListView, QWidget

from studio.ui.take_delegate import SIDE, TakeDelegate, star_place
from studio.ui.take_item import TakeItem
from studio.ui.take_model import ITEM_ROLE, TakeModel
from studio.ui.thumbnails import Thumbnails

_MOVING = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
}
_Index = QModelIndex | QPersistentModelIndex


class TakesView(QListView):
    """Scroll through takes and choose one; rows are read as they come into sight."""

    take_chosen = Signal(str)
    """The person chose the take with this id."""
    take_activated = Signal(str)
    """The person double-clicked the take with this id, or pressed Enter on it."""
    star_clicked = Signal(str)
    """The star of the take with this id was clicked."""
    menu_requested = Signal(str, QPoint)
    """A menu is wanted for the take with this id (empty: none) at a global position."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("takes")
        self.setAccessibleName("takes")
        self.take_model = TakeModel(self)
        self.thumbnails = Thumbnails(SIDE, parent=self)
        self._selecting = False
        self.setModel(self.take_model)
        self.setItemDelegate(TakeDelegate(self.thumbnails, self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.verticalScrollBar().setSingleStep(24)
        self.thumbnails.ready.connect(self.viewport().update)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        self.activated.connect(self._on_activated)
        self.customContextMenuRequested.connect(self._on_menu_wanted)

    @property
    def current_take(self) -> str | None:
        """Return the id of the selected take."""
        item = self.currentIndex().data(ITEM_ROLE)
        return item.id if isinstance(item, TakeItem) else None

    def chosen_takes(self) -> list[str]:
        """Return the ids of all selected takes, from the top."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        items = map(self.take_model.item, rows)
        return [item.id for item in items if item is not None]

    def select(self, take_id: str | None) -> None:
        """Select a take without a signal, if it is listed; None: none."""
        if take_id is not None and take_id == self.current_take:
            return
        row = None if take_id is None else self.take_model.find(take_id)
        with self.quietly():
            if row is None:
                self.selectionModel().clear()
            else:
                self.setCurrentIndex(self.take_model.index(row))

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Let rows come and go, and the selection with them, without it being the person's wish."""
        self._selecting = True
        try:
            yield
        finally:
            self._selecting = False

    def step(self, rows: int) -> None:
        """Choose the take `rows` further down (or up, if negative), as the person's wish."""
        last = self.take_model.rowCount() - 1
        row = self.currentIndex().row() + rows if self.currentIndex().isValid() else 0
        if last >= 0:
            self.setCurrentIndex(self.take_model.index(max(0, min(row, last))))

    # Qt's

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a star is not one on the take."""
        index = self.indexAt(event.position().toPoint())
        item = index.data(ITEM_ROLE)
        star = star_place(QRectF(self.visualRect(index)))
        can = isinstance(item, TakeItem) and item.status != "live"
        if can and star.contains(event.position()) and event.button() == Qt.MouseButton.LeftButton:
            self.star_clicked.emit(item.id)
            event.accept()
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with Up and Down; other keys belong to the timeline and to the window."""
        if Qt.Key(event.key()) in _MOVING:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def rowsInserted(self, parent: _Index, start: int, end: int) -> None:
        """Keep what is in sight where it is when takes come in above it."""
        bar = self.verticalScrollBar()
        place = bar.value()
        row = self.sizeHintForRow(start)
        super().rowsInserted(parent, start, end)
        if place > 0 and start * row <= place:
            self.doItemsLayout()
            bar.setValue(place + (end - start + 1) * row)

    def _on_current_changed(self, now: QModelIndex) -> None:
        item = now.data(ITEM_ROLE)
        if not self._selecting and isinstance(item, TakeItem):
            self.take_chosen.emit(item.id)

    def _on_activated(self, index: QModelIndex) -> None:
        item = index.data(ITEM_ROLE)
        if isinstance(item, TakeItem):
            self.take_activated.emit(item.id)

    def _on_menu_wanted(self, point: QPoint) -> None:
        item = self.indexAt(point).data(ITEM_ROLE)
        take_id = item.id if isinstance(item, TakeItem) else ""
        self.menu_requested.emit(take_id, self.viewport().mapToGlobal(point))
