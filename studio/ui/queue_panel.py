"""The jobs that wait, below the takes: reorder them, repeat them, take them out."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QMenu, QVBoxLayout, QWidget

from studio.library.lineage import short_prompt
from studio.session.queue import Queue
from studio.session.queueing import new_seeds
from studio.ui.icon_button import IconButton
from studio.ui.status_text import images
from studio.ui.theme import heading_font, scaled

_TIP = (
    "Jobs that wait, the next one first. Drag a job, or move it with Alt+Up and Alt+Down; "
    "Del takes it out, a right click offers more"
)


class QueuePanel(QWidget):
    """Show the queue while something waits or is repeated forever."""

    def __init__(self, queue: Queue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        heading = QLabel("QUEUE")
        heading.setProperty("role", "heading")
        heading.setFont(heading_font())
        self.note = QLabel()
        self.note.setProperty("role", "mono")
        self.hold = IconButton("pause", "hold the queue", "Let the jobs wait, or go on")
        self.hold.setObjectName("hold")
        self.hold.clicked.connect(lambda: queue.hold(not queue.held))
        self.list = _JobList(queue)
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 8, 4)
        head.addWidget(heading)
        head.addStretch(1)
        head.addWidget(self.note)
        head.addWidget(self.hold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.list)
        queue.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        queue = self._queue
        self.setVisible(bool(queue.items) or queue.forever)
        count = f"{len(queue.items)}" if queue.items else ""
        state = "held" if queue.held else ""
        self.note.setText(" · ".join(filter(None, (count, "forever" * queue.forever, state))))
        self.hold.set_icon("play" if queue.held else "pause")
        self.list.setVisible(bool(queue.items))
        self.list.renew()


class _JobList(QListWidget):
    """List the jobs by what they make."""

    def __init__(self, queue: Queue) -> None:
        super().__init__()
        self._queue = queue
        self.setObjectName("queue")
        self.setAccessibleName("queue")
        self.setToolTip(_TIP)
        self.setFixedHeight(scaled(132))
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setViewportMargins(scaled(8), 0, scaled(4), 0)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setDragDropMode(QListWidget.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.model().rowsMoved.connect(self._on_rows_moved)
        self.customContextMenuRequested.connect(self._show_menu)

    def renew(self) -> None:
        """Show the jobs as they are now; the chosen one stays chosen."""
        chosen = self.chosen()
        self.clear()
        for item in self._queue.items:
            recipe = item.recipe
            said = short_prompt(recipe.prompt) if recipe.prompt else recipe.summary()
            words = f"{said} · seed {recipe.seeds[0]}"
            self.addItem(words)
            row = self.item(self.count() - 1)
            row.setData(Qt.ItemDataRole.UserRole, item.id)
            row.setToolTip(f"{words} · {images(len(recipe.seeds))}")
            row.setSizeHint(QSize(0, scaled(24)))
            if item.id == chosen:
                self.setCurrentRow(self.count() - 1)

    def chosen(self) -> str:
        """Return the id of the job that is chosen, or nothing."""
        item = self.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move and take out with keys."""
        key, chosen = Qt.Key(event.key()), self.chosen()
        moving = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if chosen and key == Qt.Key.Key_Delete:
            self._queue.remove(chosen)
        elif chosen and moving and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._queue.move(chosen, 1 if key == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def _on_rows_moved(
        self, _from: QModelIndex, first: int, _last: int, _to: QModelIndex, before: int
    ) -> None:
        """Let the queue have the order of the list, once the list is done with the drag."""
        items = self._queue.items
        places = before - first - 1 if before > first else before - first
        if first < len(items):
            id = items[first].id
            QTimer.singleShot(0, self, lambda: self._queue.move(id, places))

    def _show_menu(self, where: QPoint) -> None:
        chosen = self.chosen()
        if chosen:
            menu = self.menu(chosen)
            menu.popup(self.viewport().mapToGlobal(where))

    def menu(self, id: str) -> QMenu:
        """Return what can be done with a job."""
        queue, menu = self._queue, QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Up", lambda: queue.move(id, -1))
        menu.addAction("Down", lambda: queue.move(id, 1))
        menu.addAction("Once more with other seeds", lambda: queue.repeat(id, new_seeds))
        menu.addAction("Take out", lambda: queue.remove(id))
        return menu
