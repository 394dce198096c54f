"""Generate, Stop and the Live switch, at the foot of the panel."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.ui.switch import Switch
from studio.ui.theme import scaled

_LIVE_TIP = (
    "While this is on, a knob that you turn acts on the run from its next step; when nothing "
    "runs, it samples again after 80 ms, so that you can feel what the knob does (L)"
)


class RunBar(QWidget):
    """Start and stop sampling; where it cannot start, the button says why."""

    generate_pressed = Signal()
    stop_pressed = Signal()
    live_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.generate = button("Generate  ⌃↵", "generate", "primary")
        self.stop = button("Stop", "stop", "strong")
        self.stop.setToolTip("Stop before the next network call and keep what there is (Esc)")
        self.stop.setEnabled(False)
        self.live = Switch("live", "Live", _LIVE_TIP)
        self.generate.clicked.connect(self.generate_pressed)
        self.stop.clicked.connect(self.stop_pressed)
        self.live.toggled.connect(self.live_toggled)
        self._lay_out()

    def _lay_out(self) -> None:
        label = QLabel("Live")
        label.setProperty("role", "label")
        label.setToolTip(_LIVE_TIP)
        label.setBuddy(self.live)
        hint = QLabel("knobs act at once")
        hint.setProperty("role", "muted")
        switch_row = QHBoxLayout()
        switch_row.setSpacing(8)
        for widget in (self.live, label, hint):
            switch_row.addWidget(widget)
        switch_row.addStretch(1)
        button_row = QHBoxLayout()
        button_row.setSpacing(8)
        button_row.addWidget(self.generate, 1)
        button_row.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        column.addLayout(switch_row)
        column.addLayout(button_row)

    def set_state(self, problem: str, running: bool) -> None:
        """Enable Generate where `problem` is empty, and Stop while something runs."""
        self.generate.setEnabled(not problem)
        self.generate.setToolTip(problem or "Sample the recipe (Ctrl+Enter)")
        self.stop.setEnabled(running)

    def set_live(self, on: bool) -> None:
        """Show whether Live is on, without a signal."""
        self.live.blockSignals(True)
        self.live.setChecked(on)
        self.live.blockSignals(False)


def button(text: str, name: str, kind: str) -> QPushButton:
    """Return a large button of a kind that the style sheet knows."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(name.capitalize())
    button.setProperty("kind", kind)
    button.setFixedHeight(scaled(34))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
