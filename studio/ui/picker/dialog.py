"""The dialog to choose a model in: places, list, facts; one can type at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.choice import Choice
from studio.ui.picker.detail import Detail
from studio.ui.picker.entry_list import EntryList
from studio.ui.picker.foot import Foot
from studio.ui.picker.listing import ALL, STARRED, USABLE, Listing, Sources
from studio.ui.picker.places_column import PlacesColumn
from studio.ui.picker.search_field import SearchField
from studio.ui.picker.words import KIND_NAMES
from studio.ui.theme import scaled

if TYPE_CHECKING:
    from studio.models.catalogue import Entry
    from studio.session.catalogue.catalogue import Catalogue

_WIDTH, _HEIGHT = 1000, 620
_HASH_AFTER_MS = 600  # of looking at an entry
_REFRESH_MS = 60
_SEARCHING_MS = 500  # between two looks at what a search has found
_KINDS = (
    (USABLE, "Everything"),
    ("model", "Models"),
    ("lora", "LoRAs"),
    ("autoencoder", "Autoencoders"),
    ("classifier", "Classifiers"),
    ("unknown", KIND_NAMES["unknown"]),
)
_NOTHING_FOUND = "Nothing here has all of these words."
_NO_STARS = "No favourites yet. A click on the star of a model, or Ctrl+D, puts it here."
_EMPTY = "Nothing of this kind is here. Watch a folder of yours, or open a file."


class Picker(QDialog):
    """Let the person choose among the entries of the catalogue.

    It says what is wanted, and does nothing with models itself.
    """

    used = Signal(object)  # Entry, as what it is
    settings_wanted = Signal(object)  # Entry
    located = Signal(object)  # missing Entry, to be said where it is
    menu_wanted = Signal(object, QPoint)  # Entry, global position
    hash_copied = Signal(object)  # Entry
    folder_wanted = Signal()  # to be watched

    def __init__(
        self, catalogue: Catalogue, open_path: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("picker")
        self.setWindowTitle("Choose a model")
        self._catalogue, self._open_path = catalogue, open_path
        self._listing = Listing()
        self.search, self.list, self.detail = SearchField(), EntryList(), Detail()
        self.places, self.foot = PlacesColumn(), Foot()
        self.kind = Choice("model_kind", "what is listed", "Which kind of file is listed")
        for id, label in _KINDS:
            self.kind.add_choice(id, label)
        self._refresh = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._hash_later = QTimer(self, singleShot=True, interval=_HASH_AFTER_MS)
        self._lay_out()
        self._connect()
        self.list.look_at(open_path)
        self._fill()
        self._show_places()
        self._show_search()
        self.search.setFocus()

    def _lay_out(self) -> None:
        self.resize(scaled(_WIDTH), scaled(_HEIGHT))
        head = QHBoxLayout()
        head.setContentsMargins(scaled(12), scaled(12), scaled(12), scaled(8))
        head.setSpacing(scaled(8))
        head.addWidget(self.search, 1)
        self.kind.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.kind.setFixedSize(scaled(148), scaled(32))
        head.addWidget(self.kind)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.places)
        middle.addWidget(_rule())
        middle.addWidget(self.list, 1)
        middle.addWidget(_rule())
        middle.addWidget(self.detail)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(_rule(flat=True))
        column.addLayout(middle, 1)
        column.addWidget(_rule(flat=True))
        column.addWidget(self.foot)
        for first, second in zip(self._tab_order(), self._tab_order()[1:], strict=False):
            QWidget.setTabOrder(first, second)

    def _tab_order(self) -> list[QWidget]:
        detail = self.detail
        return [
            *(self.search, self.kind, self.places.list, self.places.add_button, self.list),
            *(detail.settings, detail.use, detail.locate, detail.more),
        ]

    def _connect(self) -> None:
        catalogue, searching = self._catalogue, self._catalogue.searching
        catalogue.changed.connect(self._on_catalogue_changed)
        catalogue.hashes.changed.connect(self._on_hash_changed)
        searching.changed.connect(self._show_search)
        searching.places_changed.connect(self._show_places)
        self._refresh.timeout.connect(self._fill)
        self._hash_later.timeout.connect(self._want_hash)
        self.search.textChanged.connect(lambda _text: self._list())
        self.search.key_passed.connect(self.list.keyPressEvent)
        self.search.returnPressed.connect(self._use_current)
        self.kind.currentIndexChanged.connect(lambda _index: self._list())
        self.places.place_chosen.connect(lambda _place: self._list())
        self.places.add_pressed.connect(self.folder_wanted)
        self.places.unwatched.connect(searching.unwatch)
        self.places.offer_taken.connect(searching.watch)
        self.places.offer_declined.connect(searching.decline)
        self.list.entry_chosen.connect(lambda _entry: self._on_looked_at())
        self.list.entry_used.connect(self._use)
        self.list.star_toggled.connect(
            lambda path: catalogue.star(path, on=path not in catalogue.starred)
        )
        self.list.menu_wanted.connect(self.menu_wanted)
        self.list.forgetting.connect(lambda entry: catalogue.forget(entry.path))
        self.detail.used.connect(self._use_current)
        self.detail.settings_wanted.connect(lambda: self._say(self.settings_wanted))
        self.detail.located.connect(lambda: self._say(self.located))
        self.detail.hash_copied.connect(lambda: self._say(self.hash_copied))
        self.detail.more_wanted.connect(self._on_more_wanted)
        self.foot.stop_pressed.connect(searching.cancel)
        self.foot.again_pressed.connect(searching.scan)
        self.foot.close_pressed.connect(self.reject)

    def choose_kind(self, kind: str) -> None:
        """List only entries of a kind."""
        self.kind.choose(kind)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Star with Ctrl+D, and keep Enter from pressing a button that has not the focus."""
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if control and event.key() == Qt.Key.Key_D:
            self.list.toggle_star()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    # What is listed

    def _on_catalogue_changed(self) -> None:
        if not self._refresh.isActive():
            searches = self._catalogue.searching.running
            self._refresh.start(_SEARCHING_MS if searches else _REFRESH_MS)

    def _fill(self) -> None:
        catalogue = self._catalogue
        sources = Sources(catalogue.starred, catalogue.recent, catalogue.bundled)
        self._listing.fill(catalogue.entries(), sources)
        self._count()
        self._list()

    def _count(self) -> None:
        folders = self._catalogue.searching.watched
        counts = [self._listing.count(place) for place in self.places.places(folders)]
        self.places.show_places(folders, counts)

    def _list(self) -> None:
        place, kind, text = self.places.place, str(self.kind.currentData()), self.search.text()
        found = self._listing.found(place, kind, text)
        empty = _NOTHING_FOUND if text.strip() else _NO_STARS if place == STARRED else _EMPTY
        self.list.show_entries(found, self._listing.sources.starred, self._open_path, empty)
        self.foot.show_count(len(found))

    def _show_places(self) -> None:
        self._count()
        self.places.show_offers(self._catalogue.searching.offers)
        if self.places.place == ALL:
            self._list()

    def _show_search(self) -> None:
        searching = self._catalogue.searching
        watched = bool(searching.watched)
        self.foot.show_search(
            running=searching.running,
            looked=searching.looked,
            remark=searching.remark,
            offered=watched,
        )

    # What is looked at

    def _on_looked_at(self) -> None:
        self._show_detail()
        self._hash_later.start()

    def _show_detail(self) -> None:
        entry = self.list.current()
        hashing = entry is not None and self._catalogue.hashes.is_waiting(entry.path)
        self.detail.show_entry(entry, hashing=hashing)

    def _on_hash_changed(self, _path: str) -> None:
        self._show_detail()

    def _want_hash(self) -> None:
        entry = self.list.current()
        if entry is not None and self.isVisible():
            self._catalogue.hashes.want(entry.path)
            self._show_detail()

    def _use_current(self) -> None:
        entry = self.list.current()
        if entry is not None:
            self._use(entry)

    def _use(self, entry: Entry) -> None:
        if entry.missing:
            self.located.emit(entry)
        elif entry.kind != "unknown":
            self.used.emit(entry)

    def _say(self, signal: SignalInstance) -> None:
        entry = self.list.current()
        if entry is not None:
            signal.emit(entry)

    def _on_more_wanted(self) -> None:
        entry, button = self.list.current(), self.detail.more
        if entry is not None:
            self.menu_wanted.emit(entry, button.mapToGlobal(QPoint(0, 0)))


def _rule(*, flat: bool = False) -> QFrame:
    rule = QFrame()
    rule.setProperty("role", "rule")
    if flat:
        rule.setFixedHeight(1)
    else:
        rule.setFixedWidth(1)
    return rule
