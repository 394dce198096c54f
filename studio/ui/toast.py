"""Messages that float over the bottom of a window: what happened, and for errors what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QEnterEvent, QGuiApplication, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.ui.icon_button import IconButton
from studio.ui.icons import icon
from studio.ui.line_room import fit_lines
from studio.ui.theme import current, scaled
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.engine.fault import Fault

INFO_MS = 5000
_MOST = 3
_GAP = 8
_MARK, _CLOSE = 16, 24
_WIDTH = 440


class Toast(QFrame):
    """Show one message; an error stays until it is closed and can be copied with its details."""

    resized = Signal()  # a button came or went
    details_wanted = Signal()
    others_wanted = Signal()

    def __init__(self, title: str, advice: str = "", details: str = "", *, error: bool) -> None:
        super().__init__()
        self.title, self.advice, self.details, self.error = title, advice, details, error
        self.setObjectName("toast")
        self.setProperty("role", "toast")
        self.setProperty("error", error)
        self.setAccessibleName("Error" if error else "Message")
        self.setAccessibleDescription(f"{title} {advice}".strip())
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._mark = QLabel()
        self._others = _link("", "Show the log, with the errors before this one.")
        self._others.clicked.connect(self.others_wanted)
        self._others.hide()
        self._labels: list[QLabel] = []
        self._lay_out()
        self._renew()
        self.timer = QTimer(self, singleShot=True, interval=INFO_MS)
        self.timer.timeout.connect(self.close)
        self._stays = error
        if not error:
            self.timer.start()

    @property
    def text(self) -> str:
        """Return the whole message, as it is copied."""
        said = f"{self.title} {self.advice}".strip()
        return f"{said}\n\n{self.details}".strip()

    def count_others(self, count: int) -> None:
        """Say how many errors this one took the place of."""
        self._others.setText(f"{count} more in the log")
        self._others.setVisible(count > 0)

    def stay(self) -> None:
        """Stay until it is closed or its action is done."""
        self.timer.stop()
        self._stays = True

    def add_action(self, text: str, deed: Callable[[], object]) -> None:
        """Offer to do something about it; the message goes once it is done."""
        button = _link(text, text)
        button.clicked.connect(lambda: (deed(), self.close()))
        self._top.insertWidget(self._top.count() - 1, button, 0, Qt.AlignmentFlag.AlignTop)
        self.resized.emit()

    def fit(self, width: int) -> None:
        """Take `width` pixels and the height that the words then need."""
        margins = self._column.contentsMargins()
        items = [self._top.itemAt(place) for place in range(self._top.count())]
        others = [widget for item in items if item and (widget := item.widget())]
        beside = sum(widget.sizeHint().width() + self._top.spacing() for widget in others)
        room = width - margins.left() - margins.right() - 2 - beside
        for label in self._labels:
            fit_lines(label, room)
        self._column.activate()
        self.setFixedSize(width, self.sizeHint().height())

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay while the pointer is here."""
        self.timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Go some time after the pointer has left."""
        if not self._stays:
            self.timer.start()
        super().leaveEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._renew()

    def _renew(self) -> None:
        tokens = current()
        name, color = ("warning", tokens.error) if self.error else ("info", tokens.accent)
        picture: QPixmap = icon(name, color, scaled(16)).pixmap(scaled(16), scaled(16))
        self._mark.setPixmap(picture)

    def _lay_out(self) -> None:
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(scaled(12), scaled(8), scaled(8), scaled(8))
        column.setSpacing(scaled(4))
        self._top = top = QHBoxLayout()
        top.setSpacing(scaled(8))
        top.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(self._make_words(), 1)
        top.addWidget(self._make_close(), 0, Qt.AlignmentFlag.AlignTop)
        self._mark.setFixedSize(scaled(_MARK), scaled(_CLOSE))
        column.addLayout(top)
        if self.error:
            column.addLayout(self._make_buttons())

    def _make_words(self) -> QVBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(scaled(2))
        words.setContentsMargins(0, scaled(4), 0, scaled(4))
        for text, role in ((self.title, "message"), (self.advice, "muted")):
            if text:
                label = QLabel(text)
                label.setProperty("role", role)
                label.setWordWrap(True)
                label.setTextFormat(Qt.TextFormat.PlainText)
                words.addWidget(label)
                self._labels.append(label)
        return words

    def _make_close(self) -> IconButton:
        button = IconButton("close", "Close the message", wrapped("Close the message."))
        button.clicked.connect(self.close)
        return button

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(scaled(20), 0, 0, 0)
        row.setSpacing(scaled(4))
        if self.details:
            more = _link("Details…", "Show the technical story, with versions, model and recipe.")
            more.clicked.connect(self.details_wanted)
            row.addWidget(more)
        copy = _link("Copy", "Copy the message and its details.")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text))
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(self._others)
        return row


class Toasts(QObject):
    """Stack messages at the bottom centre of a window, the newest lowest.

    An error takes the place of the one before it, so that a row of them covers no more than one.
    """

    details_wanted = Signal(object)  # Fault
    log_wanted = Signal()

    def __init__(self, window: QWidget, *, bottom: int = 36) -> None:
        super().__init__(window)
        self._window = window
        self._bottom = bottom  # room for the status bar, in design pixels
        self._toasts: list[Toast] = []
        self._replaced = 0  # errors that gave way to the one that is shown
        window.installEventFilter(self)

    def show_note(self, text: str) -> Toast:
        """Say something that passes by itself."""
        return self._add(Toast(text, error=False))

    def show_fault(self, fault: Fault) -> Toast:
        """Say what went wrong, what to do, and the technical details to copy."""
        toast = Toast(fault.title, fault.advice, fault.details, error=True)
        toast.details_wanted.connect(lambda: self.details_wanted.emit(fault))
        toast.others_wanted.connect(self.log_wanted)
        self._replaced += self._replace_errors(toast)
        toast.count_others(self._replaced)
        return self._add(toast)

    def _replace_errors(self, by: Toast) -> int:
        """Close the errors that are shown and return how many of them say something else."""
        before = [toast for toast in self._toasts if toast.error]
        count = self._replaced
        for toast in before:
            toast.close()
        self._replaced = count
        return sum(toast.text != by.text for toast in before)

    def let_go(self) -> None:
        """Close what went wrong before: the person goes on, and the log keeps it."""
        for toast in [each for each in self._toasts if each.error]:
            toast.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the place when the window or a message changes its size."""
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self._arrange()
        elif event.type() == QEvent.Type.Close and isinstance(watched, Toast):
            self._forget(watched)
        return False

    def _add(self, toast: Toast) -> Toast:
        for same in [old for old in self._toasts if old.text == toast.text]:
            same.close()
        while len(self._toasts) >= _MOST:
            self._toasts[0].close()
        toast.setParent(self._window)
        toast.installEventFilter(self)
        toast.resized.connect(self._arrange)
        self._toasts.append(toast)
        self._arrange()  # before it is seen: at the corner it could meet the pointer
        toast.show()
        toast.raise_()
        QAccessible.updateAccessibility(QAccessibleEvent(toast, QAccessible.Event.Alert))
        return toast

    def _forget(self, toast: Toast) -> None:
        if toast in self._toasts:
            self._toasts.remove(toast)
            self._replaced = 0 if toast.error else self._replaced
            toast.timer.stop()
            toast.deleteLater()
            self._arrange()

    def _width(self) -> int:
        return min(scaled(_WIDTH), self._window.width() - 2 * scaled(16))

    def _arrange(self) -> None:
        bottom = self._window.height() - scaled(self._bottom)
        for toast in reversed(self._toasts):
            toast.fit(self._width())
            left = (self._window.width() - toast.width()) // 2
            toast.move(left, bottom - toast.height())
            bottom -= toast.height() + scaled(_GAP)


def _link(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("kind", "link")
    button.setToolTip(wrapped(tip))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
