"""A card that explains a control: what it does, its formula to read and copy, its source."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.ui.help_topic import Topic
from studio.ui.help_words import help_words
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

WIDTH = 500


class HelpCard(QFrame):
    """Show one topic beside the control it is about, until Esc or a click elsewhere."""

    def __init__(self, topic: Topic, anchor: QWidget) -> None:
        super().__init__(anchor, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.topic = topic
        self.setObjectName("help_card")
        self.setProperty("role", "card")
        self.setAccessibleName(f"Help: {topic.title}")
        self.setAccessibleDescription(topic.text)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._lay_out()
        self.setFixedWidth(scaled(WIDTH))
        self.adjustSize()
        self._place(anchor)

    def copy(self) -> None:
        """Put the whole text on the clipboard."""
        QGuiApplication.clipboard().setText(self.topic.text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy with Ctrl+C; Esc, which a popup knows by itself, and F1 close."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_F1, Qt.Key.Key_Escape):
            self.close()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        margin = scaled(16)
        column.setContentsMargins(margin, scaled(12), margin, scaled(12))
        column.setSpacing(scaled(8))
        column.addLayout(self._heading())
        topic, room = self.topic, scaled(WIDTH) - 2 * margin - 2
        for text, role in ((topic.help, "message"), (topic.formula, "formula")):
            if text:
                column.addWidget(help_words(text, role, room))
        if topic.source:
            column.addWidget(help_words(topic.source, "muted", room))
        if topic.facts:
            column.addWidget(help_words("  ".join(topic.facts), "muted", room))

    def _heading(self) -> QHBoxLayout:
        title, id = QLabel(self.topic.title), QLabel(self.topic.id)
        title.setProperty("role", "title")
        id.setProperty("role", "mono")
        copy = QPushButton("Copy")
        copy.setProperty("kind", "link")
        copy.setAccessibleName("Copy the help")
        copy.setToolTip(wrapped("Copy all of it (Ctrl+C)."))
        copy.clicked.connect(self.copy)
        row = QHBoxLayout()
        row.setSpacing(scaled(8))
        row.addWidget(title)
        row.addWidget(id)
        row.addStretch(1)
        row.addWidget(copy)
        return row

    def _place(self, anchor: QWidget) -> None:
        """Lie right of the control, within its window's screen."""
        screen = anchor.screen().availableGeometry()
        corner = anchor.mapToGlobal(QPoint(anchor.width() + scaled(8), 0))
        if corner.x() + self.width() > screen.right():
            corner = anchor.mapToGlobal(QPoint(0, anchor.height() + scaled(4)))
        x = max(screen.left(), min(corner.x(), screen.right() - self.width()))
        y = max(screen.top(), min(corner.y(), screen.bottom() - self.height()))
        self.move(x, y)
