"""The table of what every method made of this picture, the trivial way last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui.icon_button import IconButton
from studio.ui.restyle import set_style_property
from studio.ui.theme import current, heading_font, mono_font, sans_font, scaled
from studio.ui.ticks import figure
from studio.ui.tip import wrapped

_HEAD = ("method", "PSNR", "SSIM", "resid.", "NFE", "time")
_TIPS = (
    "The method, and below all of them the plain way that uses no model",
    "Peak signal-to-noise ratio against the original, mean over the seeds, in decibels",
    "Structural similarity to the original, mean over the seeds; at most 1",
    "Root mean square of what is left of the measurement, mean over the seeds",
    "Evaluations of the model for each picture",
    "Time of the whole batch",
)
_COMPARE_TIP = "Restore this picture with several methods, on the same noise, and fill the table"
_SWEEP_TIP = "Open this picture on the Compare tab, where methods and their knobs are swept"
_NONE = "–"
_LONG = 1000.0  # seconds from which minutes are told


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One line; None where there is no value, and `remark` says what else is to be known.

    `trivial` marks the plain way without a model, `chosen` the line that is looked at.
    """

    name: str
    psnr: float | None = None
    ssim: float | None = None
    residual: float | None = None
    nfe: int | None = None
    seconds: float | None = None
    remark: str = ""
    trivial: bool = False
    chosen: bool = False


class MethodsTable(QWidget):
    """List what was made so far; a click looks at one again."""

    row_chosen = Signal(int)
    """The person chose a line: its place."""
    sweep_wanted = Signal()
    """They are to be swept on the Compare tab, with other knobs, too."""
    compare_wanted = Signal()
    """The methods are to be compared on this picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[MethodRow, ...] = ()
        self.title = QLabel("METHODS ON THIS PICTURE")
        self.title.setProperty("role", "heading")
        self.title.setFont(heading_font())
        self.compare = QPushButton("Compare")
        self.compare.setObjectName("compare_methods")
        self.compare.setAccessibleName("Compare methods")
        self.compare.setProperty("kind", "link")
        self.compare.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.compare.clicked.connect(self.compare_wanted)
        self.sweep = IconButton("expand", "Open in the Compare tab", _SWEEP_TIP, side=22)
        self.sweep.setObjectName("sweep_methods")
        self.sweep.clicked.connect(self.sweep_wanted)
        self.table = _table()
        self.table.cellClicked.connect(lambda row, _column: self.row_chosen.emit(row))
        self.table.cellActivated.connect(lambda row, _column: self.row_chosen.emit(row))
        self.empty = QLabel(wordWrap=True)
        self.empty.setProperty("role", "muted")
        self._lay_out()
        self.show_rows(())
        self.show_compare("")

    def show_rows(self, rows: Sequence[MethodRow]) -> None:
        """Show what was made."""
        self.rows = tuple(rows)
        self.table.setRowCount(len(self.rows))
        for place, row in enumerate(self.rows):
            self._fill(place, row)
        chosen = next((place for place, row in enumerate(self.rows) if row.chosen), None)
        if chosen is not None:
            self.table.scrollTo(self.table.model().index(chosen, 0))
        self.table.setVisible(bool(self.rows))
        self.empty.setVisible(not self.rows)

    def show_compare(self, why_not: str) -> None:
        """Let methods be compared, or say why they cannot be."""
        self.compare.setEnabled(not why_not)
        self.compare.setToolTip(wrapped(why_not or _COMPARE_TIP))
        self.sweep.setEnabled(not why_not)
        self.sweep.setToolTip(wrapped(why_not or _SWEEP_TIP))

    def say(self, empty: str) -> None:
        """Say what will be here while there is nothing."""
        self.empty.setText(empty)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.rows:
            self.show_rows(self.rows)

    def _fill(self, place: int, row: MethodRow) -> None:
        tokens = current()
        for column, text in enumerate(texts_of(row)):
            item = QTableWidgetItem(text)
            item.setFont(mono_font(11) if column else sans_font(12))
            if column:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            colour = tokens.accent if row.chosen else tokens.muted if row.trivial else tokens.text
            item.setForeground(QBrush(QColor(colour)))
            item.setToolTip(wrapped(row.name, row.remark))
            self.table.setItem(place, column, item)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 0, 8, 0)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.compare)
        head.addWidget(self.sweep)
        set_style_property(self.compare, "flush", True)
        words = QHBoxLayout()
        words.setContentsMargins(12, 4, 12, 0)
        words.addWidget(self.empty)
        rows = QHBoxLayout()
        rows.setContentsMargins(8, 0, 8, 0)
        rows.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 6)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(words)
        column.addLayout(rows, 1)
        column.addStretch(0)


def texts_of(row: MethodRow) -> tuple[str, ...]:
    """Return what stands in each column."""
    return (
        row.name,
        _NONE if row.psnr is None else f"{row.psnr:.1f}",
        _NONE if row.ssim is None else f"{row.ssim:.3f}".removeprefix("0"),
        _NONE if row.residual is None else short(row.residual),
        _NONE if row.nfe is None else f"{row.nfe:,}",
        f" {_NONE if row.seconds is None else brief_time(row.seconds)}",  # apart from the costs
    )


def brief_time(seconds: float) -> str:
    """Return a time in few characters: 0.4 s, 80 s, 25 min, 3.2 h."""
    if seconds < _LONG:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 100 else f"{minutes / 60:.1f} h"


def short(value: float) -> str:
    """Return a residual in few characters: 0.04, or 3e-6."""
    if value and abs(value) < 0.01:
        digit, exponent = f"{value:.0e}".split("e")
        return f"{digit}e{int(exponent)}"
    return figure(float(f"{value:.2g}"))


def _table() -> QTableWidget:
    table = QTableWidget(0, len(_HEAD))
    table.setObjectName("methods_table")
    table.setAccessibleName("methods on this picture")
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(scaled(24))
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setWordWrap(False)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for place, (text, tip) in enumerate(zip(_HEAD, _TIPS, strict=True)):
        head = QTableWidgetItem(text)
        head.setToolTip(wrapped(tip))
        head.setFont(sans_font(11))
        if place:
            head.setTextAlignment(right)
        else:
            head.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.setHorizontalHeaderItem(place, head)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    header.setMinimumSectionSize(scaled(28))
    header.setFont(sans_font(11))
    header.setHighlightSections(False)
    return table
