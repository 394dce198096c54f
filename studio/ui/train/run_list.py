"""The list of training runs, each with the colour of its state and a line of words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QRectF, QSize, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from studio.session.training.standing import Standing
from studio.session.training.words import run_words
from studio.ui.ink import ink
from studio.ui.theme import Tokens, current, mono_font, sans_font, scaled
from studio.ui.tip import wrapped
from studio.ui.wrapping import wrap

_ROLE = Qt.ItemDataRole.UserRole
_LEFT, _RIGHT, _PAD = 30, 10, 5
_LINES = 2
_Index = QModelIndex | QPersistentModelIndex


class RunList(QListWidget):
    """Choose a run; Del takes it out of the list, a right click offers more."""

    run_chosen = QtSignal(object)  # Path
    menu_wanted = QtSignal(object, QPoint)  # Path, global position
    leaving = QtSignal(object)  # Path

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filling = False
        self.setObjectName("runs")
        self.setAccessibleName("training runs")
        self.setItemDelegate(_RunDelegate(self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.currentItemChanged.connect(self._on_current_changed)
        self.customContextMenuRequested.connect(self._on_menu_wanted)

    def show_runs(self, standings: Sequence[Standing], selected: Path | None) -> None:
        """Show how the runs stand; the chosen one stays in sight."""
        self._filling = True
        if [standing.folder for standing in standings] != self._folders():
            self.clear()
            for _ in standings:
                self.addItem(QListWidgetItem())
        for row, standing in enumerate(standings):
            _fill(self.item(row), standing)
            if standing.folder == selected and self.currentRow() != row:
                self.setCurrentRow(row)
        if selected is None:
            self.setCurrentRow(-1)
        self._filling = False
        self.updateGeometries()

    def standing(self, row: int) -> Standing | None:
        """Return the run in a row."""
        item = self.item(row)
        found = item.data(_ROLE) if item is not None else None
        return found if isinstance(found, Standing) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the chosen run out of the list with Del."""
        chosen = self.standing(self.currentRow())
        if chosen is not None and event.key() == Qt.Key.Key_Delete:
            self.leaving.emit(chosen.folder)
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """Ask for the height of its rows."""
        rows = sum(self.sizeHintForRow(row) for row in range(self.count()))
        return QSize(scaled(200), max(rows, scaled(40)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, or that there are none."""
        super().paintEvent(event)
        if not self.count():
            painter = QPainter(self.viewport())
            painter.setFont(mono_font())
            painter.setPen(ink(current().muted))
            room = self.viewport().rect().adjusted(scaled(12), 0, 0, 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, "none yet")

    def _folders(self) -> list[Path | None]:
        found = [self.standing(row) for row in range(self.count())]
        return [each.folder if each else None for each in found]

    def _on_current_changed(self, now: QListWidgetItem | None) -> None:
        if not self._filling and now is not None:
            self.run_chosen.emit(now.data(_ROLE).folder)

    def _on_menu_wanted(self, where: QPoint) -> None:
        item = self.itemAt(where)
        if item is not None:
            self.menu_wanted.emit(item.data(_ROLE).folder, self.viewport().mapToGlobal(where))


def _fill(item: QListWidgetItem, standing: Standing) -> None:
    before = item.data(_ROLE)
    if before == standing:
        return
    words = run_words(standing)
    item.setData(_ROLE, standing)
    item.setToolTip(wrapped(standing.name, words, str(standing.folder)))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{standing.name}, {words}")


def dot_color(state: str, tokens: Tokens) -> str:
    """Return the colour of a state: accent at work, noise where somebody is waited for."""
    if state in ("running", "starting"):
        return tokens.accent
    if state in ("paused", "waiting"):
        return tokens.noise
    if state in ("failed", "lost", "gone"):
        return tokens.error
    return tokens.muted


class _RunDelegate(QStyledItemDelegate):
    """Paint a dot, the name, and below it the words in at most two lines."""

    def __init__(self, view: RunList) -> None:
        super().__init__(view)
        self._view: QObject = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the height that the words need at this width."""
        standing = index.data(_ROLE)
        view = self.parent()
        assert isinstance(view, RunList)
        width = view.viewport().width()
        count = len(_lines(standing, width)) if isinstance(standing, Standing) else 1
        heights = _height(sans_font()) + count * _height(mono_font())
        return QSize(width, round(heights) + 2 * scaled(_PAD))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint the row at `index`."""
        standing = index.data(_ROLE)
        if not isinstance(standing, Standing):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens, row = current(), QRectF(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        self._paint_ground(painter, option, row, chosen)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink(dot_color(standing.state, tokens)))
        side = scaled(8)
        dot = QRectF(row.left() + scaled(12), row.center().y() - side / 2, side, side)
        painter.drawEllipse(dot)
        left, top = row.left() + scaled(_LEFT), row.top() + scaled(_PAD)
        room = row.width() - scaled(_LEFT) - scaled(_RIGHT)
        name = sans_font(13, QFont.Weight.Medium)
        lines = [(standing.name, name, tokens.accent if chosen else tokens.text)]
        lines += [(t, mono_font(), tokens.muted) for t in _lines(standing, option.rect.width())]
        for text, font, color in lines:
            painter.setFont(font)
            painter.setPen(ink(color))
            shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, room)
            rect = QRectF(left, top, room, _height(font))
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, shown)
            top += _height(font)
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, row: QRectF, chosen: bool
    ) -> None:
        pointed = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if not chosen and not pointed:
            return
        painter.setBrush(ink(current().raised, 1.0 if chosen else 0.5))
        focused = chosen and option.state & QStyle.StateFlag.State_HasFocus
        painter.setPen(ink(current().accent, 0.8) if focused else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(row.adjusted(4.5, 1.5, -4.5, -1.5), 6, 6)


def _height(font: QFont) -> float:
    return QFontMetricsF(font).height() + 1


def _lines(standing: Standing, width: int) -> list[str]:
    room = width - scaled(_LEFT) - scaled(_RIGHT)
    advance = QFontMetricsF(mono_font()).horizontalAdvance
    return wrap(run_words(standing), room, _LINES, advance)
