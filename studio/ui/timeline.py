"""The timeline: play, scrub and follow the trajectory of one picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.ui.filmstrip import Filmstrip
from studio.ui.player import Player
from studio.ui.step_slider import StepSlider
from studio.ui.timeline_header import TimelineHeader


class Timeline(QWidget):
    """Show the steps of a run and choose one of them; while it runs, follow the newest."""

    step_chosen = Signal(int)
    """The person scrubbed, clicked, pressed a key or let it play to this step."""
    current_changed = Signal(int)
    """Another step is the current one, by whatever cause."""
    following_changed = Signal(bool)
    """The cursor began or ceased to follow the newest step of a run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reached = 0
        self._current = 0
        self._running = False
        self._following = True
        self._setting = False
        self.player = Player(self)
        self.header = TimelineHeader(self)
        self.filmstrip = Filmstrip(self)
        self.slider = StepSlider(self)
        self._lay_out()
        self._connect()
        self._show_state()

    def _lay_out(self) -> None:
        self.filmstrip.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.filmstrip.setFocusProxy(self.slider)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(2)
        column.addWidget(self.header)
        column.addWidget(self.filmstrip)
        column.addWidget(self.slider)

    def _connect(self) -> None:
        self.header.play.clicked.connect(self.toggle_play)
        self.header.live.clicked.connect(self.choose_last)
        self.filmstrip.step_chosen.connect(self.choose)
        self.slider.valueChanged.connect(self._on_value_changed)
        self.player.due.connect(self._on_due)
        self.player.toggled.connect(self.header.play.set_playing)

    # What is shown

    def set_title(self, text: str) -> None:
        """Say which picture is followed, such as "Trajectory of seed 5"."""
        self.header.title.setText(text)

    def add_button(self, button: QWidget) -> None:
        """Put `button` at the right end of the header."""
        self.header.add_button(button)

    def set_total(self, total: int) -> None:
        """Begin a run of `total` steps, none of them reached.

        The thumbnails of a run of the same length stay, dimmed, until they are replaced.
        """
        self.player.stop()
        self._reached = 0
        self._quietly_range(total)
        self.filmstrip.set_total(total)
        self.slider.set_reached(0)
        self._move(0)
        self._show_state()

    def set_length(self, total: int) -> None:
        """Have `total` steps from now on, of which those reached stay as they are."""
        total = max(total, self._reached, 1)
        self._quietly_range(total)
        self.filmstrip.resize_to(total)

    def set_reached(self, count: int) -> None:
        """Show that the first `count` steps are there; a following cursor goes to the last.

        A run whose solver chooses its own steps may get longer than it was said to be.
        """
        self._grow(count)
        self._reached = count
        self.filmstrip.set_reached(count)
        self.slider.set_reached(count)
        if self._running and self._following and count:
            self._move(count - 1)
        self._show_state()

    def set_running(self, running: bool) -> None:
        """Say that a run began, which the cursor then follows, or that it ended."""
        self._running = running
        if running:
            self.player.stop()
            self._follow(True)
        self._show_state()

    def set_current(self, step: int) -> None:
        """Move the cursor to `step`, as no person did; it goes on following if it did."""
        self._move(step)

    def set_thumbnail(self, step: int, picture: NDArray[np.uint8]) -> None:
        """Show picture: (H, W, 3) uint8 at `step`."""
        self._grow(step + 1)
        self.filmstrip.set_thumbnail(step, picture)

    def clear_thumbnails(self) -> None:
        """Empty the filmstrip, when another picture is followed."""
        self.filmstrip.clear_thumbnails()

    def set_captions(self, captions: Sequence[str]) -> None:
        """Set what the tool tip says of each step."""
        self.filmstrip.set_captions(captions)

    @property
    def current(self) -> int:
        """Return the step under the cursor, from 0."""
        return self._current

    @property
    def following(self) -> bool:
        """Say whether the cursor goes with the newest step of a run."""
        return self._following

    # What the person does

    def choose(self, step: int) -> None:
        """Go to `step`, or to the nearest that is reached, as the person's wish."""
        self.player.stop()
        self._choose(step)

    def choose_last(self) -> None:
        """Go to the newest step there is, and follow the run from there."""
        self.choose(self._reached - 1)

    def step(self, steps: int) -> None:
        """Go `steps` steps forward (or back, if negative)."""
        self.choose(self._current + steps)

    def toggle_play(self) -> None:
        """Play from the current step, or from the first if it is the last; or pause."""
        if self.player.playing:
            self.player.stop()
        elif self._reached > 1:
            if self._current >= self._reached - 1:
                self._choose(0)
            self.player.start(self._reached)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Play or pause with Space; the slider has the other keys."""
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            self.toggle_play()
            return
        super().keyPressEvent(event)

    def _choose(self, step: int) -> None:
        step = max(0, min(step, self._reached - 1))
        if self._reached:
            self._follow(step == self._reached - 1)
        if self._move(step):
            self.step_chosen.emit(step)

    def _on_value_changed(self, value: int) -> None:
        if not self._setting:
            self.choose(value)

    def _on_due(self) -> None:
        if self._current + 1 < self._reached:
            self._choose(self._current + 1)
        else:
            self.player.stop()

    # State

    def _move(self, step: int) -> bool:
        """Put the cursor on `step` and return whether it was elsewhere."""
        moved, self._current = step != self._current, step
        self._setting = True
        self.slider.setValue(step)
        self._setting = False
        self.filmstrip.set_current(step)
        if moved:
            self.current_changed.emit(step)
        return moved

    def _quietly_range(self, total: int) -> None:
        self._setting = True
        self.slider.setRange(0, max(0, total - 1))
        self._setting = False

    def _grow(self, total: int) -> None:
        if total > self.slider.maximum() + 1:
            self._quietly_range(total)
        self.filmstrip.grow(total)

    def _follow(self, following: bool) -> None:
        if following != self._following:
            self._following = following
            self._show_state()
            self.following_changed.emit(following)

    def _show_state(self) -> None:
        self.header.play.setEnabled(self._reached > 1)
        self.header.live.setVisible(self._running and not self._following)
