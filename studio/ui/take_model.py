"""The takes as a model of rows, newest first, read by pages as they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QStringListModel, Qt

from studio.ui.take_item import TakeItem

PAGE = 50
"""Rows read at once."""
MOST_HELD = 1000
"""Takes held at once; those far from what is looked at are forgotten then."""
_NEAR = 200  # rows on either side of what is looked at that stay

Fetch = Callable[[int, int], Sequence[TakeItem]]
"""Return at most `limit` stored takes from `offset` on, newest first: fetch(limit, offset)."""

Locate = Callable[[str], int | None]
"""Return the row of a stored take among all that are listed, or None."""

ITEM_ROLE = int(Qt.ItemDataRole.UserRole)
_Index = QModelIndex | QPersistentModelIndex


class TakeModel(QStringListModel):
    """Hold one slot per take; a slot is filled, with its page, when it is first asked for.

    Slots far from the one that was asked for last are emptied again once many are filled.

    The base class only counts the rows, in C++: a view that lays 100,000 of them out asks for the
    number each time, and 100,000 calls into Python would take a fifth of a second.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[TakeItem | None] = []
        self._live = 0  # rows at the top that the store does not know yet
        self._held = 0  # slots that are filled
        self._seen = 0  # the row that was asked for last
        self._fetch: Fetch | None = None
        self._locate: Locate = lambda _id: None
        self.rowsRemoved.connect(self._on_rows_removed)  # before any view hears of it

    def set_source(self, fetch: Fetch, count: int, locate: Locate = lambda _id: None) -> None:
        """Show `count` stored takes, read with `fetch` as they are needed."""
        self._fetch, self._locate = fetch, locate
        self._rows = [None] * count
        self._live = self._held = 0
        self.setStringList([""] * count)

    def insert(self, item: TakeItem) -> None:
        """Put `item` at the top: a live one, or one that the store holds from now on."""
        self._rows.insert(0, item)
        self._live += item.status == "live"
        self._seen += self._seen > 0  # at the top, the new row is what is looked at
        self._hold(1)
        self.insertRows(0, 1)

    def replace(self, take_id: str, item: TakeItem) -> None:
        """Show `item` in the row of `take_id`, such as a finished take in that of the live one.

        A take that is not there is inserted.
        """
        row = self.row_of(take_id)
        if row is None:
            self.insert(item)
            return
        before = self._rows[row]
        was_live = before is not None and before.status == "live"
        self._rows[row] = item
        self._live += (item.status == "live") - was_live
        index = self.index(row)
        self.dataChanged.emit(index, index)

    def remove(self, take_id: str) -> None:
        """Drop the row of `take_id`, if it is there."""
        row = self.row_of(take_id)
        if row is not None:
            self.removeRows(row, 1)

    def row_of(self, take_id: str) -> int | None:
        """Return the row of a take that has been read, or None."""
        found = (row for row, item in enumerate(self._rows) if item and item.id == take_id)
        return next(found, None)

    def find(self, take_id: str) -> int | None:
        """Return the row of a take, read or not, or None."""
        row = self.row_of(take_id)
        if row is None and (place := self._locate(take_id)) is not None:
            row = place + self._live
            return row if row < len(self._rows) else None
        return row

    def item(self, row: int) -> TakeItem | None:
        """Return the take in `row`, read now if it was not, or None where the store has none."""
        if not 0 <= row < len(self._rows):
            return None
        self._seen = row
        if self._rows[row] is None:
            self._read_page(row)
        return self._rows[row]

    def loaded(self, row: int) -> TakeItem | None:
        """Return the take in `row` if it has been read."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    # What Qt asks

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Return that takes can be chosen, but not edited here."""
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Return the title, what assistive tools read out, or the TakeItem itself."""
        item = self.item(index.row())
        if item is None:
            return None
        if role == ITEM_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            starred = ", starred" if item.starred else ""
            return f"{item.title}, {item.subtitle}, {item.status}{starred}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{item.title}\n{item.subtitle}" if item.subtitle else item.title
        return None

    def _on_rows_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        gone = self._rows[first : last + 1]
        del self._rows[first : last + 1]
        self._held -= sum(item is not None for item in gone)
        self._live -= sum(item is not None and item.status == "live" for item in gone)

    def _read_page(self, row: int) -> None:
        """Fill the empty slots around `row` from the store."""
        if self._fetch is None:
            return
        first = max(self._live, row - row % PAGE)
        before = self._rows[first : first + PAGE]
        items = self._fetch(PAGE, first - self._live)
        filled = [old or new for old, new in zip(before, items, strict=False)]
        self._rows[first : first + len(filled)] = filled
        self._hold(sum(old is None for old in before[: len(filled)]))

    def _hold(self, more: int) -> None:
        """Count what has been filled, and forget what is far away if that is too much."""
        self._held += more
        if self._held > MOST_HELD:
            near = range(self._seen - _NEAR, self._seen + _NEAR)
            for row, item in enumerate(self._rows):
                if item is not None and row not in near and item.status != "live":
                    self._rows[row] = None
                    self._held -= 1
