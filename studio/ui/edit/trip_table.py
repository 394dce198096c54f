"""The round trips of a picture, one a row."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.library.names import sampler_label
from studio.session.editing.trip import Trip
from studio.ui.compare.parts import heading
from studio.ui.theme import current, mono_font, scaled
from studio.ui.ticks import figure

_HEAD = ("Solver", "Steps", "NFE", "PSNR", "RMS", "Std", "Time")
_TIPS = (
    "The solver that followed the flow both ways",
    "Steps of each way",
    "Evaluations of the network, both ways together",
    "Of the decoded picture against the original: 20 log₁₀(255 / RMS of the 8-bit values)",
    "Root mean square distance, in units of the data (pictures go from −1 to 1)",
    "Standard deviation of the encoded noise: 1 where the model knows such pictures well",
    "Time of both ways",
)
_WIDTHS = (48, 56, 66, 60, 52, 56)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class TripTable(QWidget):
    """List round trips, newest last; a click looks at one."""

    row_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.table = QTableWidget(0, len(_HEAD))
        self.table.setObjectName("trip_table")
        self.table.setAccessibleName("round trips of the picture")
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(scaled(26))
        self.table.setShowGrid(False)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setTabKeyNavigation(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for place, (text, tip) in enumerate(zip(_HEAD, _TIPS, strict=True)):
            head = QTableWidgetItem(text)
            head.setToolTip(tip)
            head.setTextAlignment(_RIGHT if place else _LEFT)
            self.table.setHorizontalHeaderItem(place, head)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for place in range(1, len(_HEAD)):
            self.table.setColumnWidth(place, scaled(_WIDTHS[place - 1]))
        header.setHighlightSections(False)
        self.table.currentCellChanged.connect(lambda row, *_: self._tell(row))
        column = QVBoxLayout(self)
        column.setContentsMargins(scaled(12), scaled(10), scaled(12), scaled(6))
        column.setSpacing(scaled(4))
        column.addWidget(heading("ROUND TRIPS"))
        column.addWidget(self.table, 1)

    def show_trips(self, trips: Sequence[Trip], chosen: int) -> None:
        """Show trips with one of them marked; -1 marks none."""
        with QSignalBlocker(self.table):
            self.table.setRowCount(len(trips))
            for row, trip in enumerate(trips):
                self._fill(row, trip)
            if chosen >= 0:
                self.table.selectRow(chosen)

    def _tell(self, row: int) -> None:
        if row >= 0:
            self.row_chosen.emit(row)

    def _fill(self, row: int, trip: Trip) -> None:
        texts = (
            sampler_label(trip.solver),
            str(trip.steps),
            f"{trip.nfe:,}",
            psnr_said(trip.psnr),
            figure(trip.rms),
            f"{trip.spread:.3f}",
            f"{trip.seconds:.1f} s",
        )
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setTextAlignment(_RIGHT if column else _LEFT)
            item.setForeground(QBrush(QColor(current().text)))
            if column:
                item.setFont(mono_font(11))
            self.table.setItem(row, column, item)


def psnr_said(psnr: float) -> str:
    """Return a ratio in dB; pictures that are the same have no end of it."""
    return "same" if psnr == float("inf") else f"{psnr:.1f} dB"
