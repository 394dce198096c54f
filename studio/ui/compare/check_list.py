"""Any number of samplers or schedules, chosen from those that there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from studio.ui.icons import paint_icon
from studio.ui.ink import ink
from studio.ui.theme import current, heading_font, sans_font, scaled
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex

    from studio.diffusion import Spec

_ROW = 24
_BOX = 14


class CheckList(QListWidget):
    """List specs under the names of their families; a click or Space checks one."""

    changed = Signal()

    def __init__(self, name: str, label: str, specs: Mapping[str, Spec]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_Delegate(self))
        self._items: dict[str, QListWidgetItem] = {}
        families: dict[str, list[Spec]] = {}
        for spec in specs.values():
            families.setdefault(spec.family, []).append(spec)
        for family, members in families.items():
            self._add_heading(family)
            for spec in members:
                self._add(spec)
        self.itemClicked.connect(self._toggle)
        self.itemActivated.connect(self._toggle)

    def checked(self) -> tuple[str, ...]:
        """Return the ids that are checked, in the order of the list."""
        return tuple(id for id, item in self._items.items() if _is_checked(item))

    def set_checked(self, ids: Iterable[str]) -> None:
        """Check these and no others, without a signal; unknown ids are left out."""
        wanted = set(ids)
        for id, item in self._items.items():
            state = Qt.CheckState.Checked if id in wanted else Qt.CheckState.Unchecked
            item.setData(Qt.ItemDataRole.CheckStateRole, state)

    def _add_heading(self, text: str) -> None:
        item = QListWidgetItem(text)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.addItem(item)

    def _add(self, spec: Spec) -> None:
        item = QListWidgetItem(spec.label)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        item.setData(Qt.ItemDataRole.CheckStateRole, Qt.CheckState.Unchecked)
        item.setToolTip(wrapped(spec.help, spec.source))
        self._items[spec.id] = item
        self.addItem(item)

    def _toggle(self, item: QListWidgetItem) -> None:
        if item.flags() & Qt.ItemFlag.ItemIsEnabled:
            on = Qt.CheckState.Unchecked if _is_checked(item) else Qt.CheckState.Checked
            item.setData(Qt.ItemDataRole.CheckStateRole, on)
            self.changed.emit()

    def keyPressEvent(self, event: object) -> None:
        """Check the current line with Space."""
        if event.key() == Qt.Key.Key_Space and self.currentItem():  # type: ignore[attr-defined]
            self._toggle(self.currentItem())
        else:
            super().keyPressEvent(event)  # type: ignore[arg-type]


class _Delegate(QStyledItemDelegate):
    """Paint a filled square for what is checked, and headings without one."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Ask for one line."""
        return QSize(0, scaled(_ROW))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint the line."""
        tokens, rect = current(), QRectF(option.rect)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        state = index.data(Qt.ItemDataRole.CheckStateRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = scaled(12)
        if state is None:
            painter.setFont(heading_font())
            painter.setPen(ink(tokens.disabled))
            painter.drawText(rect.adjusted(left, 0, 0, 0), flags, index.data().upper())
        else:
            box = QRectF(left, 0, scaled(_BOX), scaled(_BOX))
            box.moveCenter(box.center() + rect.center() - box.center())
            box.moveLeft(left)
            on = Qt.CheckState(state) == Qt.CheckState.Checked
            lit = option.state & option.state.State_HasFocus
            painter.setPen(ink(tokens.accent if on or lit else tokens.muted))
            painter.setBrush(ink(tokens.accent if on else tokens.field))
            painter.drawRoundedRect(box, 3, 3)
            if on:
                paint_icon(painter, "check", box.adjusted(1, 1, -1, -1), tokens.on_accent)
            painter.setFont(sans_font(13))
            painter.setPen(ink(tokens.text if on else tokens.label))
            painter.drawText(rect.adjusted(left + scaled(22), 0, -8, 0), flags, index.data())
        painter.restore()


def _is_checked(item: QListWidgetItem) -> bool:
    return Qt.CheckState(item.data(Qt.ItemDataRole.CheckStateRole)) == Qt.CheckState.Checked
