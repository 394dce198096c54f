"""What was made of the picture: a small picture for each seed, one of them chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui.canvas_marks import paint_outline
from studio.ui.ink import ink
from studio.ui.theme import current, heading_font, sans_font, scaled
from studio.ui.thumbnail import thumbnail, to_image

_COLUMNS = 2
_GAP = 8
_SLACK = 4  # without it Qt takes the last column for too wide
Index = QModelIndex | QPersistentModelIndex


class RestorationModel(QAbstractListModel):
    """Hold small pictures with their captions."""

    def __init__(self) -> None:
        super().__init__()
        self._pictures: Sequence[NDArray[np.uint8]] = ()
        self._captions: tuple[str, ...] = ()
        self._small: dict[tuple[int, int], QImage] = {}

    def show(self, pictures: Sequence[NDArray[np.uint8]], captions: Sequence[str]) -> None:
        """Show pictures: (H, W, 3) uint8 each, with a caption each; the same number stays put.

        They are kept and made small when they are painted, so do not write to them later.
        """
        grows = len(pictures) != len(self._pictures)
        if grows:
            self.beginResetModel()
        self._pictures, self._captions = pictures, tuple(captions)
        self._small.clear()
        if grows:
            self.endResetModel()
        elif len(pictures):
            self.dataChanged.emit(self.index(0), self.index(len(pictures) - 1))

    def small(self, row: int, side: int) -> QImage:
        """Return a picture whose longer side measures `side` device pixels."""
        key = (row, side)
        if key not in self._small:
            self._small[key] = thumbnail(to_image(self._pictures[row]), side)
        return self._small[key]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        """Return how many there are."""
        return 0 if parent.isValid() else len(self._pictures)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the caption."""
        roles = (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
        caption = self._captions[index.row()] if index.row() < len(self._captions) else ""
        return caption if role in roles else None


class RestorationDelegate(QStyledItemDelegate):
    """Paint a small picture, framed where it is chosen or under the mouse."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Fill the cell."""
        view = self.parent()
        assert isinstance(view, QListView)
        return view.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one."""
        model = index.model()
        assert isinstance(model, RestorationModel)
        area = QRectF(option.rect).adjusted(_GAP / 2, _GAP / 2, -_GAP / 2, -_GAP / 2)
        ratio = painter.device().devicePixelRatioF()
        side = min(area.width(), area.height())
        small = model.small(index.row(), max(round(side * ratio), 1))
        small.setDevicePixelRatio(ratio)
        size = small.deviceIndependentSize()
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(area.center())
        place.moveTopLeft(place.topLeft().toPoint().toPointF())
        painter.drawImage(place.topLeft(), small)
        state = option.state
        if state & option.state.State_Selected:
            paint_outline(painter, place, 2, ink(current().accent))
        elif state & option.state.State_MouseOver:
            paint_outline(painter, place, 1, ink(current().text, 0.45))


class RestorationView(QListView):
    """A grid of two columns that fills the width."""

    def __init__(self) -> None:
        super().__init__()
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setItemDelegate(RestorationDelegate(self))
        self.setObjectName("restorations")
        self.setAccessibleName("restorations")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give every picture half the width; the bar, where there is one, lies beside them."""
        super().resizeEvent(event)
        bar = self.verticalScrollBar().sizeHint().width()
        side = max((self.width() - bar - _SLACK) // _COLUMNS, 24)
        self.setGridSize(QSize(side, side))


class Restorations(QWidget):
    """Show one restoration a seed under a heading, and let one be chosen."""

    chosen = Signal(int)
    """The person chose a restoration: its place."""
    menu_requested = Signal(int, QPoint)
    """A menu is wanted for a restoration at a global position."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model, self.view = RestorationModel(), RestorationView()
        self.view.setModel(self.model)
        self.title = QLabel("RESTORATIONS")
        self.title.setProperty("role", "heading")
        self.title.setFont(heading_font())
        self.count = QLabel()
        self.count.setProperty("role", "mono")
        self.empty = QLabel(wordWrap=True)
        self.empty.setProperty("role", "muted")
        self.empty.setFont(sans_font(12))
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._lay_out()
        self.view.selectionModel().currentChanged.connect(self._on_current_changed)
        self.view.customContextMenuRequested.connect(self._on_menu_requested)
        self.show_pictures((), ())

    @property
    def place(self) -> int:
        """Return the place of the chosen one."""
        return max(self.view.currentIndex().row(), 0)

    def show_pictures(
        self, pictures: Sequence[NDArray[np.uint8]], captions: Sequence[str], chosen: int = 0
    ) -> None:
        """Show pictures: (H, W, 3) uint8 each, without a signal."""
        selection = self.view.selectionModel()
        selection.blockSignals(True)
        self.model.show(pictures, captions)
        selection.blockSignals(False)
        self.view.setVisible(bool(len(pictures)))
        self.empty.setVisible(not len(pictures))
        if len(pictures):
            self.choose(min(chosen, len(pictures) - 1))

    def choose(self, place: int) -> None:
        """Mark a restoration as the chosen one, without a signal."""
        selection = self.view.selectionModel()
        selection.blockSignals(True)
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        selection.setCurrentIndex(self.model.index(place), flag)
        selection.blockSignals(False)
        self.view.viewport().update()

    def note(self, words: str) -> None:
        """Say at the right of the heading what these are."""
        self.count.setText(words)

    def say(self, empty: str) -> None:
        """Say what will be here while there is nothing."""
        self.empty.setText(empty)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.count)
        words = QHBoxLayout()
        words.setContentsMargins(12, 4, 12, 0)
        words.addWidget(self.empty)
        grid = QHBoxLayout()
        grid.setContentsMargins(12 - _GAP // 2, 0, 0, 0)
        grid.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 6)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(words)
        column.addLayout(grid, 1)
        self.setMinimumWidth(scaled(200))

    def _on_current_changed(self, current_index: QModelIndex, _before: QModelIndex) -> None:
        if current_index.isValid():
            self.chosen.emit(current_index.row())

    def _on_menu_requested(self, point: QPoint) -> None:
        index = self.view.indexAt(point)
        if index.isValid():
            self.menu_requested.emit(index.row(), self.view.viewport().mapToGlobal(point))
