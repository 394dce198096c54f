"""The buttons below the runs: start, pause, resume, stop."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.session.training.standing import Standing
from studio.ui.restyle import set_style_property
from studio.ui.run_bar import button
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

_START_TIP = "Train in a process of its own, which goes on when this window is closed (Ctrl+Enter)."
_RESUME_TIP = "Go on exactly where the newest checkpoint was written (Ctrl+Enter)."
_GO_ON_TIP = "Go on where it was paused; nothing was unloaded (Ctrl+Enter)."
_PAUSE_TIP = "Hold still and keep everything loaded, to try the model out meanwhile (Ctrl+Enter)."
_LONGER_TIP = "The run is done. Raise the number of its pictures and train on (Ctrl+Enter)."
_STOP_TIP = "Write a checkpoint and end. Resume goes on with it, as if it had never stopped."


class Controls(QWidget):
    """Offer what can be done with the run; `start_pressed` stands for Start, Resume and longer."""

    start_pressed = Signal()
    pause_pressed = Signal()
    resume_pressed = Signal()
    longer_pressed = Signal()
    stop_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.main = button("Start", "train_main", "primary")
        self.stop = button("Stop && save", "train_stop", "strong")
        self.stop.setAccessibleName("Stop and save")
        self._deed = ""
        self.main.clicked.connect(self.press)
        self.stop.clicked.connect(self.stop_pressed)
        row = QHBoxLayout(self)
        row.setContentsMargins(scaled(12), scaled(8), scaled(12), scaled(12))
        row.setSpacing(scaled(8))
        row.addWidget(self.main, 1)
        row.addWidget(self.stop, 1)
        self.show_run(None)

    def press(self) -> None:
        """Do what the first button stands for."""
        if self.main.isEnabled():
            deeds = {
                "start": self.start_pressed,
                "pause": self.pause_pressed,
                "resume": self.resume_pressed,
                "longer": self.longer_pressed,
            }
            deeds[self._deed].emit()

    def show_run(self, standing: Standing | None) -> None:
        """Offer what can be done with a run as it stands."""
        self._deed, text, tip, possible = _main(standing)
        self.main.setText(text)
        self.main.setAccessibleName(text)
        self.main.setToolTip(wrapped(tip))
        set_style_property(self.main, "kind", "strong" if self._deed == "pause" else "primary")
        had_focus = self.stop.hasFocus()
        self.main.setEnabled(possible)
        stoppable = standing is not None and standing.alive and standing.asked != "stop"
        self.stop.setEnabled(stoppable)
        self.stop.setToolTip(wrapped(_STOP_TIP))
        if had_focus and not stoppable:
            self.main.setFocus()


def _main(standing: Standing | None) -> tuple[str, str, str, bool]:
    """Return the deed, the words, the tip and whether it is possible."""
    if standing is None:
        return "start", "Start", "Begin with New: choose pictures to learn from.", False
    state, waits = standing.state, bool(standing.asked)
    if state == "running":
        return "pause", "Pause", _PAUSE_TIP, not waits
    if state == "paused":
        return "resume", "Resume", _GO_ON_TIP, not waits
    if state in ("starting", "waiting"):
        return "pause", "Pause", _PAUSE_TIP, False
    if state == "finished":
        return "longer", "Longer…", _LONGER_TIP, True
    begun = standing.begun
    text, tip = ("Resume", _RESUME_TIP) if begun else ("Start", _START_TIP)
    return "start", text, tip, state != "gone"
