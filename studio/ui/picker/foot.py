"""The line at the bottom of the picker: how the search goes, and the way to single files."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from studio.ui.elided_label import ElidedLabel
from studio.ui.theme import scaled
from studio.ui.tip import wrapped


class Foot(QWidget):
    """Say how far the search is, stop it or begin it again, and offer what is not listed."""

    stop_pressed = Signal()
    again_pressed = Signal()
    file_pressed = Signal()
    folder_pressed = Signal()
    draw_pressed = Signal()
    close_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._state = ElidedLabel()
        self._state.setProperty("role", "muted")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setRange(0, 0)
        self._bar.setFixedWidth(scaled(72))
        self._bar.setAccessibleName("searching")
        self._stop = _button("Stop", "stop_search", "Stop searching; what was found stays.")
        self._again = _button("Search again", "search_again", "Search the watched folders again.")
        for button, pressed in ((self._stop, self.stop_pressed), (self._again, self.again_pressed)):
            button.setProperty("kind", "quiet_link")
            button.clicked.connect(pressed)
        row = QHBoxLayout(self)
        row.setContentsMargins(scaled(16), scaled(8), scaled(12), scaled(8))
        row.setSpacing(scaled(8))
        row.addWidget(self._bar)
        row.addWidget(self._state, 1)
        row.addWidget(self._stop)
        row.addWidget(self._again)
        row.addSpacing(scaled(8))
        folder = "Choose a folder: pictures, or a model that is a folder."
        buttons = (
            _button("Open file…", "pick_file", "Choose a model or a picture on the disk."),
            _button("Open folder…", "pick_folder", folder),
            _button("Draw…", "pick_drawing", "Draw a distribution in the plane."),
            _button("Close", "close_picker", "Close without a choice (Esc)."),
        )
        signals = (self.file_pressed, self.folder_pressed, self.draw_pressed, self.close_pressed)
        for button, pressed in zip(buttons, signals, strict=True):
            button.clicked.connect(pressed)
            row.addWidget(button)

    def show_count(self, count: int) -> None:
        """Say how many entries are listed."""
        self._count = count
        self._say()

    def show_search(self, *, running: bool, looked: int, remark: str, offered: bool) -> None:
        """Say how the search goes; `offered` tells that there are folders to search."""
        self._bar.setVisible(running)
        self._stop.setVisible(running)
        self._again.setVisible(offered and not running)
        self._said = f"searching, {looked:,} files so far" if running else remark
        self._say()

    _said = ""

    def _say(self) -> None:
        listed = f"{self._count:,} listed"
        self._state.setText(f"{listed} · {self._said}" if self._said else listed)
        self._state.setToolTip(wrapped(self._said))


def _button(text: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(wrapped(tip))
    button.setAutoDefault(False)
    return button
