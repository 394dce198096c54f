"""The line above the filmstrip: play, what is followed, and room for buttons."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from studio.ui.elided_label import ElidedLabel
from studio.ui.icons import icon
from studio.ui.play_button import PlayButton
from studio.ui.theme import current


class TimelineHeader(QWidget):
    """Hold the play button, the title, the way back to the live step, and further buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.play = PlayButton(self)
        self.title = ElidedLabel("Trajectory", self)
        self.title.setProperty("role", "muted")
        self.live = QPushButton("Live", self)
        self.live.setObjectName("follow")
        self.live.setAccessibleName("follow the run")
        self.live.setToolTip("Return to the newest step and follow the run")
        self.live.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.live.hide()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self.play)
        self._row.addWidget(self.title, 1)
        self._row.addWidget(self.live)
        self._renew_icon()

    def add_button(self, button: QWidget) -> None:
        """Put `button` at the right end."""
        self._row.addWidget(button)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._renew_icon()

    def _renew_icon(self) -> None:
        self.live.setIcon(icon("dot", current().accent))
