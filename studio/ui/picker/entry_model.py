"""The listed entries as a model of rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QStringListModel, Qt

from studio.ui.picker.words import KIND_NAMES, line
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.models.catalogue import Entry

ENTRY_ROLE = int(Qt.ItemDataRole.UserRole)
STAR_ROLE = ENTRY_ROLE + 1
OPEN_ROLE = ENTRY_ROLE + 2
_Index = QModelIndex | QPersistentModelIndex


class EntryModel(QStringListModel):
    """Hold the entries that are listed.

    The base class counts the rows in C++, for which a view asks once for each of them.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[Entry] = ()
        self._starred: Collection[str] = frozenset()
        self._open = ""

    def show_entries(
        self, entries: Sequence[Entry], starred: Collection[str], open_path: str
    ) -> None:
        """List entries; `open_path` is that of the open model."""
        self._starred, self._open = frozenset(starred), open_path
        if [each.path for each in entries] == [each.path for each in self._rows]:
            self._rows = entries
            if entries:
                self.dataChanged.emit(self.index(0), self.index(len(entries) - 1))
            return
        self._rows = entries
        self.setStringList([""] * len(entries))

    def entry(self, row: int) -> Entry | None:
        """Return the entry in a row, or None."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def row_of(self, path: str) -> int:
        """Return the row of a path, or -1."""
        found = (row for row, entry in enumerate(self._rows) if entry.path == path)
        return next(found, -1)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Return that entries can be chosen."""
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Return the name, what assistive tools read out, or the Entry itself."""
        entry, answer = self.entry(index.row()), _ANSWERS.get(role)
        if entry is None or answer is None:
            return None
        return answer(entry, entry.path in self._starred, entry.path == self._open)


def _spoken(entry: Entry, starred: bool, _is_open: bool) -> str:
    also = ", starred" if starred else ""
    return f"{entry.name}, {KIND_NAMES[entry.kind]}, {line(entry)}{also}"


_ANSWERS: Mapping[int, Callable[[Entry, bool, bool], Any]] = {
    ENTRY_ROLE: lambda entry, _starred, _open: entry,
    STAR_ROLE: lambda _entry, starred, _open: starred,
    OPEN_ROLE: lambda _entry, _starred, is_open: is_open,
    Qt.ItemDataRole.DisplayRole: lambda entry, _starred, _open: entry.name,
    Qt.ItemDataRole.AccessibleTextRole: _spoken,
    Qt.ItemDataRole.ToolTipRole: lambda e, _s, _o: wrapped(e.name, line(e), e.path),
}
