"""The table of the Likelihood page: a picture a row, sorted by any column, the mean below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QSize, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from studio.session.editing.entry import Entry, Mean
from studio.ui.compare.parts import heading
from studio.ui.edit.likelihood_model import BITS, ERROR, NAME, SORT, THUMB, TRUTH, LikelihoodModel
from studio.ui.quiet_button import QuietButton
from studio.ui.theme import scaled

_ONLY = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class LikelihoodTable(QWidget):
    """List what is measured."""

    row_chosen = Signal(int)  # of the list, however it is sorted; -1: none
    remove_wanted = Signal(object)  # rows of the list
    copy_wanted = Signal()
    export_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.model = LikelihoodModel()
        self._sorted = QSortFilterProxyModel()
        self._sorted.setSourceModel(self.model)
        self._sorted.setSortRole(SORT)
        self.view = _View(self)
        self.view.setModel(self._sorted)
        self.view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        header = self.view.horizontalHeader()
        header.setSortIndicatorShown(False)  # it would lie over the name: the model marks it there
        header.sortIndicatorChanged.connect(self.model.show_order)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column in range(1, self.model.columnCount()):
            self.view.setColumnWidth(column, scaled(112 if column == BITS else 84))
        self.copy = _link("likelihood_copy", "copy the table", "Copy the table (Ctrl+C)", "Copy")
        tip = "Save the table as CSV (Ctrl+E)"
        self.export = _link("likelihood_export", "export the table", tip, "Export CSV…")
        tip = "Take the selected pictures off the list (Del)"
        self.remove = _link("likelihood_remove", "remove pictures", tip, "")
        self.mean = QLabel()
        self.mean.setProperty("role", "figure")
        self.mean.setObjectName("likelihood_mean")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(scaled(12), scaled(10), scaled(12), scaled(4))
        self.count = heading("PICTURES")
        head.setSpacing(scaled(10))
        head.addWidget(self.count, 1)
        for button in (self.remove, self.copy, self.export):
            head.addWidget(button)
        rule = QFrame()
        rule.setProperty("role", "rule")
        rule.setFixedHeight(1)
        foot = QHBoxLayout()
        foot.setContentsMargins(scaled(12), scaled(6), scaled(12), scaled(8))
        foot.addWidget(self.mean)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        body = QHBoxLayout()
        body.setContentsMargins(scaled(8), 0, scaled(4), 0)
        body.addWidget(self.view)
        column.addLayout(body, 1)
        column.addWidget(rule)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.view.selectionModel().currentRowChanged.connect(lambda *_: self._tell_row())
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._show_remove())
        self.model.modelReset.connect(self._tell_row)
        self.view.copy_pressed.connect(self.copy_wanted)
        self.view.delete_pressed.connect(self._remove)
        self.copy.clicked.connect(self.copy_wanted)
        self.export.clicked.connect(self.export_wanted)
        self.remove.clicked.connect(self._remove)

    @property
    def chosen_rows(self) -> tuple[int, ...]:
        """Return the selected rows of the list, in its order."""
        cells = self.view.selectionModel().selectedIndexes()  # a hidden column is in no row
        return tuple(sorted({self._sorted.mapToSource(cell).row() for cell in cells}))

    @property
    def current_row(self) -> int:
        """Return the row of the list that is looked at, or -1."""
        return self._sorted.mapToSource(self.view.currentIndex()).row()

    @property
    def order(self) -> tuple[int, ...]:
        """Return the rows of the list as they are sorted."""
        rows = range(self._sorted.rowCount())
        return tuple(self._sorted.mapToSource(self._sorted.index(row, 0)).row() for row in rows)

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show another list; the row that was looked at stays the current one if it can."""
        row = self.current_row
        self.model.show_entries(entries)
        if entries:
            self.look_at(min(max(row, 0), len(entries) - 1))
        count = len(entries)
        self.count.setText(f"PICTURES  {count:,}" if count else "PICTURES")
        self.show_mean(None)

    def look_at(self, row: int) -> None:
        """Look at a row of the list."""
        place = self._sorted.mapFromSource(self.model.index(row, 0))
        # Said outright: the view itself would ask which keys are held down.
        self.view.selectionModel().setCurrentIndex(place, _ONLY)

    def show_mean(self, mean: Mean | None, total: int = 0) -> None:
        """Show the mean over what is measured."""
        measured = mean is not None
        self.copy.set_text("Copy" if measured else "")
        self.export.set_text("Export CSV…" if measured else "")
        self.mean.setText(mean_words(mean, total))
        found = [entry.measured for entry in self.model.entries if entry.measured is not None]
        self.view.setColumnHidden(TRUTH, all(each.truth is None for each in found))
        self.view.setColumnHidden(ERROR, all(each.error is None for each in found) and bool(found))
        self.model.show_unit(mean.unit if mean is not None else "")

    def _tell_row(self) -> None:
        self.row_chosen.emit(self.current_row)

    def _show_remove(self) -> None:
        count = len(self.chosen_rows)
        self.remove.set_text("" if not count else "Remove" if count == 1 else f"Remove {count}")

    def _remove(self) -> None:
        if rows := self.chosen_rows:
            self.remove_wanted.emit(rows)


class _View(QTableView):
    copy_pressed = Signal()
    delete_pressed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("likelihood_table")
        self.setAccessibleName("pictures and their likelihood")
        self.setShowGrid(False)
        self.setSortingEnabled(True)
        self.setIconSize(QSize(scaled(THUMB), scaled(THUMB)))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(scaled(THUMB + 8))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy with Ctrl+C, remove with Del."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_pressed.emit()
        elif event.matches(QKeySequence.StandardKey.Delete):
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)


def mean_words(mean: Mean | None, total: int = 0) -> str:
    """Return “mean 3.1234 ± 0.0021 bits/dim over 12 of 40 · bound 3.2”."""
    if mean is None:
        return "Nothing is measured yet." if total else ""
    error = "" if mean.error is None else f" ± {mean.error:.4f}"
    over = f"{mean.count:,} of {total:,}" if total > mean.count else f"{mean.count:,}"
    bound = "" if mean.bound is None else f" · bound {mean.bound:.4f}"
    return f"mean {mean.bits:.4f}{error} {mean.unit} over {over}{bound}"


def _link(name: str, label: str, tip: str, text: str) -> QuietButton:
    button = QuietButton(name)
    button.setAccessibleName(label)
    button.setToolTip(tip)
    button.set_text(text)
    return button
