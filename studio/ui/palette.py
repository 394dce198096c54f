"""The command palette: everything that can be done or chosen, found by a few letters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui.theme import current, mono_font, scaled

_MOST = 200
_WIDTH, _HEIGHT = 560, 380
_PASSED_ON = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_HINT = int(Qt.ItemDataRole.UserRole) + 1


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to do: what it is called, what is said beside it, and the deed."""

    text: str
    hint: str
    deed: Callable[[], object]


_NOT = 3  # the rank of what does not match


def ranked(wanted: str, entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that hold all letters of `wanted` in their order, the best first.

    Words that begin with the letters come before letters within words, and those before letters
    that are scattered; among equals the order stays.
    """
    words = wanted.casefold().split()
    found = [(_worst(words, entry.text.casefold()), entry) for entry in entries]
    return [entry for rank, entry in sorted(found, key=itemgetter(0)) if rank < _NOT]


def _worst(words: Sequence[str], text: str) -> int:
    return max((_rank(word, text) for word in words), default=0)


def _rank(letters: str, text: str) -> int:
    if any(word.startswith(letters) for word in text.split()):
        return 0
    if letters in text:
        return 1
    rest = iter(text)
    return 2 if all(letter in rest for letter in letters) else _NOT


class Palette(QDialog):
    """Show entries as letters are typed; Enter does the chosen one, Esc closes."""

    def __init__(self, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("palette")
        self.setAccessibleName("Command palette")
        self._entries = tuple(entries)
        self._found: list[Entry] = []
        self.box = QLineEdit()
        self.box.setObjectName("palette_text")
        self.box.setAccessibleName("What to do")
        self.box.setPlaceholderText("Type a few letters of a command, solver, schedule or model")
        self.box.setFixedHeight(scaled(32))
        self.list = QListWidget()
        self.list.setAccessibleName("What can be done")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(_EntryDelegate(self.list))
        column = QVBoxLayout(self)
        column.setContentsMargins(scaled(8), scaled(8), scaled(8), scaled(8))
        column.addWidget(self.box)
        column.addWidget(self.list)
        self.resize(scaled(_WIDTH), scaled(_HEIGHT))
        self.box.textChanged.connect(self._show)
        self.box.returnPressed.connect(self._do_current)
        self.box.installEventFilter(self)
        self.list.itemClicked.connect(lambda _item: self._do_current())
        self._show("")

    def place_over(self, window: QWidget) -> None:
        """Open in the upper middle of a window."""
        left = (window.width() - self.width()) // 2
        self.move(window.mapToGlobal(QPoint(left, scaled(64))))
        self.show()
        self.box.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows walk through the list while letters are typed."""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if isinstance(event, QKeyEvent) and pressed and Qt.Key(event.key()) in _PASSED_ON:
            self.list.event(event)
            return True
        return super().eventFilter(watched, event)

    def _show(self, wanted: str) -> None:
        self._found = ranked(wanted, self._entries)[:_MOST]
        self.list.clear()
        for entry in self._found:
            item = QListWidgetItem(entry.text)
            item.setData(_HINT, entry.hint)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.text}, {entry.hint}")
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _do_current(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._found):
            self.accept()
            self._found[row].deed()


class _EntryDelegate(QStyledItemDelegate):
    """Paint the hint at the right end of the line."""

    def sizeHint(self, option: QStyleOptionViewItem, index: object) -> QSize:
        """Return the size of a line."""
        return QSize(scaled(120), scaled(26))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: object) -> None:
        """Paint text, then hint."""
        super().paint(painter, option, index)  # type: ignore[arg-type]  # a QModelIndex
        place: QRect = option.rect.adjusted(0, 0, -scaled(10), 0)
        painter.save()
        painter.setPen(current().muted)
        painter.setFont(mono_font(10))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, right, str(index.data(_HINT) or ""))  # type: ignore[attr-defined]
        painter.restore()
