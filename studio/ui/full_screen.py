"""The canvas alone on the whole screen; bar and timeline come when the mouse or Tab asks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QKeyEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget

from studio.ui.canvas import Canvas
from studio.ui.timeline import Timeline

IDLE_MS = 2500
_TAB = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class FullScreen(QObject):
    """Give the canvas the whole screen, and everything its place again.

    `others` are the widgets around the canvas, which are hidden meanwhile. Bar and timeline float
    over the pictures, so that these stay where they are when the bars come and go.
    """

    toggled = Signal(bool)

    def __init__(
        self, window: QMainWindow, canvas: Canvas, timeline: Timeline, others: list[QWidget]
    ) -> None:
        super().__init__(window)
        self._window, self._canvas, self._timeline = window, canvas, timeline
        self._others, self._hidden = others, list[QWidget]()
        self.active = False
        self._before = Qt.WindowState.WindowNoState
        self._idle = QTimer(self, singleShot=True, interval=IDLE_MS)
        self._idle.timeout.connect(self._on_idle)
        canvas.header.full.clicked.connect(self.toggle)

    def toggle(self) -> None:
        """Fill the screen with the canvas, or go back."""
        if self.active:
            self.leave()
        else:
            self.enter()

    def enter(self) -> None:
        """Fill the screen with the canvas."""
        if self.active:
            return
        self.active = True
        self._before = self._window.windowState()
        self._hidden = [widget for widget in self._others if not widget.isHidden()]
        for widget in self._hidden:
            widget.hide()
        self._canvas.set_immersed(True)
        self._float(True)
        self._window.setWindowState(self._before | Qt.WindowState.WindowFullScreen)
        self._canvas.setFocus()
        self._show_bars(False)
        app = QApplication.instance()
        assert app is not None
        app.installEventFilter(self)
        self.toggled.emit(True)

    def leave(self) -> None:
        """Give everything its place again."""
        if not self.active:
            return
        self.active = False
        app = QApplication.instance()
        assert app is not None
        app.removeEventFilter(self)
        self._idle.stop()
        self._show_bars(True)
        self._float(False)
        self._canvas.set_immersed(False)
        for widget in self._hidden:
            widget.show()
        self._window.setWindowState(self._before)
        self._canvas.unsetCursor()
        self._canvas.setFocus()
        self.toggled.emit(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the bars when the mouse moves or Tab is pressed; leave with Esc."""
        if not isinstance(watched, QWidget) or watched.window() is not self._window:
            return False
        if event.type() == QEvent.Type.Resize and watched is self._canvas:
            self._place_timeline()
        elif event.type() == QEvent.Type.MouseMove:
            self._wake()
        elif isinstance(event, QKeyEvent):
            return self._on_key(event)
        return False

    def _on_key(self, event: QKeyEvent) -> bool:
        if event.key() in _TAB:
            self._wake()
        if event.key() != Qt.Key.Key_Escape:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # Esc has another meaning where the window is not full
        elif event.type() == QEvent.Type.KeyPress:
            self.leave()
            return True
        return False

    def _wake(self) -> None:
        self._show_bars(True)
        self._idle.start()

    def _on_idle(self) -> None:
        bars = (self._canvas.header, self._timeline)
        focus = QApplication.focusWidget()
        busy = [bar for bar in bars if _points_at(bar) or (focus and bar.isAncestorOf(focus))]
        if busy or QApplication.activePopupWidget() is not None:
            self._idle.start()
        else:
            self._show_bars(False)

    def _show_bars(self, shown: bool) -> None:
        self._canvas.header.setVisible(shown)
        self._timeline.setVisible(shown)
        if shown:
            self._canvas.unsetCursor()
            self._place_timeline()
        else:
            self._canvas.setCursor(Qt.CursorShape.BlankCursor)

    def _float(self, floating: bool) -> None:
        """Lay the timeline over the lower edge of the canvas, or below it as at first."""
        holder = self._canvas.parentWidget()
        beside = holder.layout() if holder is not None else None
        assert isinstance(beside, QVBoxLayout)
        if floating:
            beside.removeWidget(self._timeline)
            self._timeline.setParent(self._canvas)
        else:
            beside.insertWidget(beside.indexOf(self._canvas) + 1, self._timeline)
        self._timeline.setAutoFillBackground(floating)

    def _place_timeline(self) -> None:
        if self.active:
            height = self._timeline.sizeHint().height()
            room = self._canvas.rect()
            self._timeline.setGeometry(0, room.height() - height, room.width(), height)
            self._timeline.raise_()


def _points_at(bar: QWidget) -> bool:
    """Tell whether the pointer is over a bar; what Qt has heard of it gets old while bars move."""
    return bar.rect().contains(bar.mapFromGlobal(QCursor.pos()))
