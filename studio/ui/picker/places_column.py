"""The places to choose from: all, starred, recent, bundled, and each watched folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.ui.elided_label import ElidedLabel
from studio.ui.icon_button import IconButton
from studio.ui.picker.listing import ALL, BUNDLED, RECENT, STARRED
from studio.ui.picker.place_delegate import COUNT_ROLE, PLACE_ROLE, PlaceDelegate
from studio.ui.theme import heading_font, scaled
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.models.catalogue import Place

_FIXED = ((ALL, "All"), (STARRED, "Favourites"), (RECENT, "Recent"), (BUNDLED, "Bundled"))
WIDTH = 188


class PlacesColumn(QWidget):
    """Choose a place; a right click on a folder offers to watch it no longer."""

    place_chosen = Signal(str)
    add_pressed = Signal()
    unwatched = Signal(str)
    offer_taken = Signal(str)
    offer_declined = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(scaled(WIDTH))
        self.list = QListWidget()
        self.list.setObjectName("model_places")
        self.list.setAccessibleName("where to look")
        self.list.setItemDelegate(PlaceDelegate(self.list))
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._on_menu_wanted)
        self.list.currentItemChanged.connect(self._on_current_changed)
        self.add_button = QPushButton("Watch a folder…")
        self.add_button.setObjectName("watch_folder")
        self.add_button.setProperty("kind", "link")
        self.add_button.setAutoDefault(False)
        self.add_button.setToolTip(
            wrapped("Search a folder for models, now and whenever the studio starts.")
        )
        self.add_button.clicked.connect(self.add_pressed)
        self._offers = QVBoxLayout()
        self._offers.setSpacing(scaled(4))
        self._heading = QLabel("FOUND ON THIS COMPUTER")
        self._heading.setFont(heading_font())
        self._heading.setProperty("role", "heading")
        column = QVBoxLayout(self)
        column.setContentsMargins(scaled(8), scaled(4), 0, scaled(8))
        column.setSpacing(scaled(4))
        column.addWidget(self.list, 1)
        column.addWidget(self._heading)
        column.addLayout(self._offers)
        column.addSpacing(scaled(4))
        column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_offers(())

    @property
    def place(self) -> str:
        """Return the place that is chosen."""
        item = self.list.currentItem()
        return str(item.data(PLACE_ROLE)) if item is not None else ALL

    def show_places(self, folders: Sequence[str], counts: Sequence[int]) -> None:
        """Show the places with the number of entries in each, in the order of `places`."""
        wanted, before = self.places(folders), self.place
        with QSignalBlocker(self.list):
            if wanted != [item.data(PLACE_ROLE) for item in self._items()]:
                self._fill(folders)
            for item, count in zip(self._items(), counts, strict=True):
                item.setData(COUNT_ROLE, count)
            row = wanted.index(before) if before in wanted else 0
            self.list.setCurrentRow(row)

    def places(self, folders: Sequence[str]) -> list[str]:
        """Return the places that are offered, in their order."""
        return [place for place, _ in _FIXED] + list(folders)

    def choose(self, place: str) -> None:
        """Choose a place, if it is there."""
        for item in self._items():
            if item.data(PLACE_ROLE) == place:
                self.list.setCurrentItem(item)

    def show_offers(self, offers: Sequence[Place]) -> None:
        """Offer to watch folders of other programs."""
        while item := self._offers.takeAt(0):
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._heading.setVisible(bool(offers))
        for offer in offers:
            self._offers.addWidget(self._offer(offer))

    def _offer(self, offer: Place) -> QWidget:
        name = ElidedLabel(offer.label)
        name.setToolTip(wrapped(offer.path))
        watch = QPushButton("Watch")
        watch.setProperty("kind", "link")
        watch.setAutoDefault(False)
        watch.setAccessibleName(f"watch the folder of {offer.label}")
        watch.setToolTip(wrapped(f"Search {offer.path} for models.", "Nothing in it is changed."))
        watch.clicked.connect(lambda: self.offer_taken.emit(offer.path))
        close = IconButton("close", f"do not offer {offer.label}", wrapped("Offer it no longer."))
        close.clicked.connect(lambda: self.offer_declined.emit(offer.path))
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(scaled(8), 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(name, 1)
        row.addWidget(watch)
        row.addWidget(close)
        return line

    def _fill(self, folders: Sequence[str]) -> None:
        self.list.clear()
        named = [*_FIXED, *((folder, Path(folder).name or folder) for folder in folders)]
        for place, name in named:
            item = QListWidgetItem(name)
            item.setData(PLACE_ROLE, place)
            item.setToolTip(wrapped(name if (place, name) in _FIXED else place))
            self.list.addItem(item)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _on_current_changed(self, now: QListWidgetItem | None) -> None:
        if now is not None:
            self.place_chosen.emit(now.data(PLACE_ROLE))

    def _on_menu_wanted(self, where: QPoint) -> None:
        item = self.list.itemAt(where)
        place = item.data(PLACE_ROLE) if item is not None else ALL
        if place in dict(_FIXED):
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        stop = menu.addAction("Watch this folder no longer")
        stop.triggered.connect(lambda: self.unwatched.emit(place))
        menu.popup(self.list.viewport().mapToGlobal(where))
