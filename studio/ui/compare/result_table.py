"""The table beside the plot: what every solver and schedule reaches at one cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui.theme import current, heading_font, mono_font, scaled

_HEAD = ("Solver · schedule", "NFE", "error", "time", "order")
_TIPS = (
    "Filled rows lie on the Pareto front: nothing is both cheaper and better",
    "Evaluations really spent on each picture",
    "Root mean square distance of the end points from the reference",
    "Time of the whole batch",
    "Measured: how fast ln(error) falls with ln(NFE) around this cost",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line: `error` and `order` are None where there are none, and `remark` says why."""

    name: str
    nfe: int
    error: float | None
    seconds: float
    order: float | None = None
    remark: str = ""
    front: bool = False


class ResultTable(QWidget):
    """List rows from the least error to the greatest; a click chooses one."""

    row_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.title.setFont(heading_font())
        self.table = QTableWidget(0, len(_HEAD))
        self.table.setObjectName("result_table")
        self.table.setAccessibleName("results at one cost")
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(scaled(26))
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for place, (text, tip) in enumerate(zip(_HEAD, _TIPS, strict=True)):
            head = QTableWidgetItem(text)
            head.setToolTip(tip)
            self.table.setHorizontalHeaderItem(place, head)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        self.table.cellClicked.connect(lambda row, _column: self.row_chosen.emit(row))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 6)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.table, 1)
        self.show_rows(0, ())

    def show_rows(self, nfe: int, rows: Sequence[Row]) -> None:
        """Show what was reached with a budget of `nfe`."""
        self.title.setText(f"AT {nfe} NFE" if nfe else "RESULTS")
        self.rows = tuple(rows)
        self.table.setRowCount(len(self.rows))
        for place, row in enumerate(self.rows):
            self._fill(place, row)

    def _fill(self, place: int, row: Row) -> None:
        tokens = current()
        texts = (
            row.name,
            f"{row.nfe}  " if row.nfe else "—",
            "—" if row.error is None else f"{row.error:.3g}  ",
            f"{row.seconds:.2f} s  " if row.nfe else "—",
            "—" if row.order is None else f"{row.order:.1f}",
        )
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            if column:
                item.setFont(mono_font(11))
            item.setForeground(QBrush(QColor(tokens.accent if row.front else tokens.text)))
            item.setToolTip(row.remark or row.name)
            self.table.setItem(place, column, item)
