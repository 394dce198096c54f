"""The Interpolate page: the way from one picture to another, frame by frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.ui.compare.parts import take_typed
from studio.ui.edit.interpolate_panel import InterpolatePanel
from studio.ui.edit.invitation import Invitation
from studio.ui.edit.picture_pane import PicturePane
from studio.ui.edit.words import progress_words
from studio.ui.splitter import splitter
from studio.ui.theme import scaled
from studio.ui.timeline import Timeline

if TYPE_CHECKING:
    from studio.session.editing.interpolating import InterpolateDesk
    from studio.session.editing.subjects import Pixels

_TEXT = (
    "Choose a picture A and a picture B: both are encoded to noise, and the arc between the two "
    "noises is sampled. Or change the class of one picture by what sets two classes apart. The "
    "frames play here, and leave as a film."
)
_DEEDS = (
    ("open", "Open picture A…", "Choose a file to begin at"),
    ("take", "From the take", "Begin at the picture that the Sample tab follows"),
)
FILMS = "MP4 film (*.mp4);;GIF film (*.gif)"
PER_SECOND = 12.0


class InterpolatePage(QWidget):
    """Show the desk's frames, one at a time or playing."""

    picture_wanted = Signal(str, str)
    """A picture is wanted: for which end, from where."""

    def __init__(self, desk: InterpolateDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.panel = InterpolatePanel()
        self.tasks = self.panel.tasks
        tip = "The frame that the slider stands at"
        self.picture = PicturePane("way_picture", "The way", tip, "Press Interpolate")
        self.timeline = Timeline()
        self.timeline.slider.setObjectName("way_slider")
        self.timeline.slider.setAccessibleName("frames of the way")
        self.timeline.slider.setToolTip("The frame that is looked at: drag, or use the arrow keys")
        self.timeline.set_title("A to B")
        self.export_button = _export_button()
        self.timeline.add_button(self.export_button)
        self.invitation = Invitation("From one picture to another", _TEXT, _DEEDS)
        self.stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.picture, 1)
        column.addWidget(self.timeline)
        self.stack.addWidget(self.invitation)
        self.stack.addWidget(middle)
        columns = splitter("interpolate_columns", Qt.Orientation.Horizontal, self.panel, self.stack)
        columns.setStretchFactor(1, 1)
        columns.setSizes([scaled(296), scaled(1144)])
        self.splitters = (columns,)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(columns)

    def _connect(self) -> None:
        desk, panel = self._desk, self.panel
        panel.start_pressed.connect(self.start)
        panel.stop_pressed.connect(desk.stop)
        panel.chosen.connect(desk.choose)
        panel.picture_wanted.connect(self.picture_wanted)
        panel.dropped.connect(desk.take_file)
        panel.swap_pressed.connect(desk.swap)
        self.invitation.wanted.connect(lambda offer: self.picture_wanted.emit("a", offer))
        self.timeline.current_changed.connect(self._show_frame)
        self.export_button.clicked.connect(self.ask_export)
        desk.ends_changed.connect(self._show_ends)
        desk.frames_changed.connect(self._show_frames)
        desk.frame_done.connect(self._on_frame_done)
        desk.previewed.connect(self._on_previewed)
        desk.progressed.connect(self._on_progressed)
        desk.running_changed.connect(self.timeline.set_running)
        desk.changed.connect(self._show_state)

    def refresh(self) -> None:
        """Show everything as the desk has it."""
        self._show_ends()
        self._show_frames()
        self._show_state()

    def take_focus(self) -> None:
        """Give the keyboard to what is used first."""
        (self.timeline.slider if self._desk.frames else self.panel.cards["a"]).setFocus()

    def start(self) -> None:
        """Make the frames if that is possible; what is being typed counts."""
        take_typed(self.panel)
        self._desk.start()

    def offer(self, offers: tuple[tuple[str, str, str], ...]) -> None:
        """Set where a picture can come from: id, words, why it cannot."""
        both = all(subject is not None for subject in self._desk.ends.values())
        swap = ("swap", "Swap A and B", "" if both else "Choose both pictures first.")
        for card in self.panel.cards.values():
            card.set_offers((*offers, swap))
        refused = self._desk.refused
        for id, _words, why_not in offers:
            if id in self.invitation.buttons:
                self.invitation.offer(id, refused or why_not)
        self.invitation.say(refused or _TEXT)

    def ask_export(self) -> None:
        """Ask where to save the frames as a film that goes there and back."""
        path, chosen = QFileDialog.getSaveFileName(self, "Export the way", "way.mp4", FILMS)
        if path:
            kind = ".gif" if "gif" in chosen else ".mp4"
            has = path.lower().endswith((".gif", ".mp4"))
            self._desk.export(Path(path if has else f"{path}{kind}"), PER_SECOND, back=True)

    def _show_ends(self) -> None:
        ends = self._desk.ends
        self.stack.setCurrentIndex(0 if not any(ends.values()) else 1)
        for end, card in self.panel.cards.items():
            subject = ends[end]  # type: ignore[index]
            if subject is None:
                card.show_picture(None)
            else:
                card.show_picture(subject.pixels, f"{end.upper()}  {subject.name}", subject.facts)
        self._show_frame(self.timeline.current)

    def _show_frames(self) -> None:
        desk, timeline = self._desk, self.timeline
        timeline.set_total(desk.total)
        timeline.set_title(desk.title)
        for place in sorted(desk.frames):
            timeline.set_thumbnail(place, desk.frames[place])
        timeline.set_reached(self._reached)
        self._show_frame(timeline.current)

    @property
    def _reached(self) -> int:
        """Return how many frames are there from the first on, without a gap."""
        frames = self._desk.frames
        return next((n for n in range(len(frames)) if n not in frames), len(frames))

    def _on_frame_done(self, place: int) -> None:
        self.timeline.set_thumbnail(place, self._desk.frames[place])
        self.timeline.set_reached(self._reached)
        self._show_frame(self.timeline.current)

    def _show_frame(self, place: int) -> None:
        desk = self._desk
        frame = desk.frames.get(place)
        self.export_button.setEnabled(len(desk.frames) > 1 and not desk.running)
        if frame is not None:
            self.picture.show_picture(frame, desk.words(place))
            return
        start = desk.ends["a"]
        self.picture.show_picture(start.pixels if start is not None else None, "picture A")

    def _show_state(self) -> None:
        desk, info = self._desk, self._desk.info
        self.panel.set_names(info.classes if info is not None else ())
        self.panel.show_choice(desk.choice)
        self.panel.show_state(desk.problem, running=desk.running)
        self.export_button.setEnabled(len(desk.frames) > 1 and not desk.running)
        if not desk.running:
            self.panel.say(desk.problem or f"{desk.choice.frames} frames")

    def _on_previewed(self, estimate: Pixels) -> None:
        """Show x̂₀ where there is no frame to look at yet."""
        if self.timeline.current not in self._desk.frames:
            self.picture.show_picture(estimate, "x̂₀ on its way")

    def _on_progressed(self, doing: str, share: float, elapsed: float) -> None:
        self.panel.show_progress(share, progress_words(doing, share, elapsed))


def _export_button() -> QPushButton:
    button = QPushButton("Export…")
    button.setObjectName("export_way")
    button.setAccessibleName("export the frames")
    button.setToolTip("Save the frames as a film, there and back (Ctrl+E)")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
