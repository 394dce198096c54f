"""The list of measured pictures as Qt's table reads it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPixmap

from studio.session.editing.entry import Entry
from studio.ui.theme import current, mono_font, scaled
from studio.ui.thumbnail import thumbnail, to_image

Index = QModelIndex | QPersistentModelIndex

COLUMNS: tuple[tuple[str, str], ...] = (
    ("Picture", "What is measured"),
    ("Bits/dim", "−log₂ p(x) for each value of the picture: the less, the likelier"),
    ("±", "Standard error over the repeats, each with another probe and another dequantisation"),
    ("Bound", "Ho's variational bound: the model's chain of steps cannot do worse than that"),
    ("Truth", "What it should be, where the model's density is known exactly"),
    ("NFE", "Evaluations of the network that the picture took"),
    ("Time", "Seconds that it took"),
)
NAME, BITS, ERROR, BOUND, TRUTH, NFE, TIME = range(len(COLUMNS))
SORT = Qt.ItemDataRole.UserRole
"""The role of what a column is sorted by."""
THUMB = 24
_MOST_THUMBS = 512
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class LikelihoodModel(QAbstractTableModel):
    """Show entries; those not measured yet have a dash, those that cannot be say why."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self._thumbs: dict[int, QPixmap] = {}
        self.sorted, self.arrow = -1, ""
        self.unit = COLUMNS[BITS][0]

    def show_order(self, column: int, order: Qt.SortOrder) -> None:
        """Mark the column that the table is sorted by."""
        self.sorted = column
        self.arrow = " ↑" if order == Qt.SortOrder.AscendingOrder else " ↓"
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def show_unit(self, unit: str) -> None:
        """Name what the figures are; empty: bits per dimension."""
        self.unit = unit[:1].upper() + unit[1:] or COLUMNS[BITS][0]
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, BITS, BITS)

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show another list."""
        self.beginResetModel()
        self.entries = list(entries)
        self._thumbs = {}
        self.endResetModel()

    def replace(self, row: int, entry: Entry) -> None:
        """Show another entry of the same picture in a row."""
        self.entries[row] = entry
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt has it
        """Return the number of pictures."""
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt has it
        """Return the number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the name of a column, and what it means."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            name = self.unit if section == BITS else COLUMNS[section][0]
            return name + (self.arrow if section == self.sorted else "")
        if role == Qt.ItemDataRole.ToolTipRole:
            return COLUMNS[section][1]
        if role == Qt.ItemDataRole.TextAlignmentRole and section != NAME:
            return _RIGHT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return text, thumbnail, colour and order of a cell."""
        entry, column = self.entries[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return text_of(entry, column)
        if role == SORT:
            return order_of(entry, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return None if column == NAME else _RIGHT
        if role == Qt.ItemDataRole.FontRole:
            return None if column == NAME else _mono()
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip_of(entry)
        return self._looks(index.row(), column, role)

    def _looks(self, row: int, column: int, role: int) -> object:
        entry, tokens = self.entries[row], current()
        if role == Qt.ItemDataRole.ForegroundRole:
            strong = column in (NAME, BITS) and entry.measured is not None
            return QColor(tokens.text if strong or column == NAME else tokens.muted)
        if role == Qt.ItemDataRole.DecorationRole and column == NAME:
            return self._thumb(row)
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(scaled(60), scaled(THUMB + 8))
        return None

    def _thumb(self, row: int) -> QPixmap | None:
        pixels = self.entries[row].subject.pixels
        if row not in self._thumbs:
            if len(self._thumbs) >= _MOST_THUMBS:
                self._thumbs.clear()
            image = thumbnail(to_image(pixels), 2 * scaled(THUMB))
            image.setDevicePixelRatio(2)
            self._thumbs[row] = QPixmap.fromImage(image)
        return self._thumbs[row]


def text_of(entry: Entry, column: int) -> str:
    """Return what a cell says."""
    found = entry.measured
    if column == NAME:
        return entry.subject.name
    if found is None:
        return "–" if column == BITS else ""
    if column == BITS:
        return f"{found.bits:.4f}"
    if column in (ERROR, BOUND, TRUTH):
        figure = {ERROR: found.error, BOUND: found.bound, TRUTH: found.truth}[column]
        return "–" if figure is None else f"{figure:.4f}"
    return f"{found.nfe:,}" if column == NFE else f"{found.seconds:.1f} s"


def tip_of(entry: Entry) -> str:
    """Return everything that is known of a picture."""
    lines = [f"{entry.subject.name} · {entry.subject.facts}"]
    found = entry.measured
    if found is not None:
        lines.append(f"{found.nats:,.2f} nats over {found.dims:,} values")
        if len(found.repeats) > 1:
            lines.append("repeats: " + ", ".join(f"{bits:.4f}" for bits in found.repeats))
        lines += [found.remark] if found.remark else []
    return "\n".join(lines)


def order_of(entry: Entry, column: int) -> object:
    """Return what a cell is sorted by; what is not measured comes last."""
    if column == NAME:
        return entry.subject.name.casefold()
    found = entry.measured
    if found is None:
        return float("inf")
    values = (found.bits, found.error, found.bound, found.truth, float(found.nfe), found.seconds)
    value = values[column - BITS]
    return float("inf") if value is None else value


def _mono() -> QFont:
    return mono_font(11)
