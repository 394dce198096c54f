"""The list of entries: chosen with the mouse, or with the arrow keys from the search field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QListView, QWidget

from studio.ui.ink import ink
from studio.ui.picker.entry_delegate import EntryDelegate, star_place
from studio.ui.picker.entry_model import EntryModel
from studio.ui.theme import current, sans_font, scaled

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from studio.models.catalogue import Entry


class EntryList(QListView):
    """Show entries; a click on the star, or S, stars one, and a right click offers more."""

    entry_chosen = Signal(object)  # Entry that is looked at, or None
    entry_used = Signal(object)  # Entry
    star_toggled = Signal(str)  # path
    menu_wanted = Signal(object, QPoint)  # Entry, global position
    forgetting = Signal(object)  # Entry

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = EntryModel(self)
        self._empty = ""
        self._wanted = ""  # the path to be looked at once it is listed
        self.setObjectName("models")
        self.setAccessibleName("models")
        self.setModel(self.rows)
        self.setItemDelegate(EntryDelegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setMinimumWidth(scaled(280))
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu_wanted)
        self.selectionModel().currentChanged.connect(
            lambda _now, _before: self.entry_chosen.emit(self.current())
        )
        self.doubleClicked.connect(lambda _index: self._use())

    def current(self) -> Entry | None:
        """Return the entry that is looked at."""
        return self.rows.entry(self.currentIndex().row())

    def look_at(self, path: str) -> None:
        """Look at an entry as soon as it is listed."""
        self._wanted = path
        self._go_to(path)

    def show_entries(
        self, entries: Sequence[Entry], starred: Collection[str], open_path: str, empty: str
    ) -> None:
        """List entries; what was looked at stays in sight. `empty` says why there are none."""
        before = self.current()
        path = self._wanted or (before.path if before is not None else "")
        self._empty = empty
        self.rows.show_entries(entries, starred, open_path)
        if not self._go_to(path) and entries:
            self.setCurrentIndex(self.rows.index(0))
        self.entry_chosen.emit(self.current())
        self.viewport().update()

    def _go_to(self, path: str) -> bool:
        row = self.rows.row_of(path)
        if row < 0:
            return False
        if path == self._wanted:
            self._wanted = ""
        if row != self.currentIndex().row():
            self.setCurrentIndex(self.rows.index(row))
            self.scrollTo(self.rows.index(row))
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Use the entry with Enter, star it with S, forget it with Del where it is gone."""
        entry = self.current()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._use()
        elif entry is not None and event.key() == Qt.Key.Key_S and not event.modifiers():
            self.toggle_star()
        elif entry is not None and entry.missing and event.key() == Qt.Key.Key_Delete:
            self.forgetting.emit(entry)
        else:
            super().keyPressEvent(event)

    def toggle_star(self) -> None:
        """Star the entry that is looked at, or take its star away."""
        entry = self.current()
        if entry is not None:
            self.star_toggled.emit(entry.path)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Star an entry where the star is clicked."""
        index = self.indexAt(event.position().toPoint())
        star = star_place(QRectF(self.visualRect(index))).adjusted(-6, -10, 6, 10)
        if index.isValid() and star.contains(event.position()):
            self.setCurrentIndex(index)
            self.toggle_star()
            return
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, or why there are none."""
        super().paintEvent(event)
        if self._empty and not self.rows.rowCount():
            painter = QPainter(self.viewport())
            painter.setFont(sans_font(13))
            painter.setPen(ink(current().muted))
            room = self.viewport().rect().adjusted(scaled(32), 0, -scaled(32), -scaled(32))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, self._empty)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.viewport().update()

    def sizeHint(self) -> QSize:
        """Ask for room for some ten rows."""
        return QSize(scaled(420), scaled(470))

    def _use(self) -> None:
        entry = self.current()
        if entry is not None:
            self.entry_used.emit(entry)

    def _on_menu_wanted(self, where: QPoint) -> None:
        index = self.indexAt(where)
        entry = self.rows.entry(index.row())
        if entry is not None:
            self.setCurrentIndex(index)
            self.menu_wanted.emit(entry, self.viewport().mapToGlobal(where))
