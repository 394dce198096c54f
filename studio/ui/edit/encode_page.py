"""The Encode page: a picture, its noise, and what comes back from that."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QStackedWidget, QWidget

from studio.session.editing.trip import error_pixels, noise_pixels
from studio.ui.compare.parts import take_typed
from studio.ui.edit.encode_panel import EncodePanel
from studio.ui.edit.invitation import Invitation
from studio.ui.edit.noise_panel import NoisePanel
from studio.ui.edit.picture_pane import PicturePane
from studio.ui.edit.trip_plot import TripPlot
from studio.ui.edit.trip_table import TripTable, psnr_said
from studio.ui.edit.words import progress_words
from studio.ui.pictures import copy_picture, save_picture
from studio.ui.splitter import splitter
from studio.ui.theme import scaled
from studio.ui.ticks import figure

if TYPE_CHECKING:
    from studio.session.editing.encoding import EncodeDesk
    from studio.session.editing.trip import Pixels, Trip

_TEXT = (
    "Drop a picture here. The probability flow leads from it to a noise that belongs to it "
    "alone, and from the noise back to the picture. How exactly, the round-trip error tells; from "
    "the same noise another class or other knobs make a cousin of the picture."
)
_DEEDS = (
    ("open", "Open a picture…", "Choose a file"),
    ("paste", "Paste", "Take the picture of the clipboard (Ctrl+V)"),
    ("take", "From the take", "Take the picture that the Sample tab follows"),
)
_GAIN = 8.0


class EncodePage(QWidget):
    """Show the desk's picture on its way to noise and back."""

    picture_wanted = Signal(str)
    """A picture is wanted from here: “open”, “paste”, “take” or “data”."""

    def __init__(self, desk: EncodeDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.panel, self.noise = EncodePanel(), NoisePanel()
        self.tasks = self.panel.tasks
        self.panes = {pane.objectName(): pane for pane in _panes()}
        self.trips, self.plot = TripTable(), TripPlot()
        self.invitation = Invitation("From a picture to its noise", _TEXT, _DEEDS)
        self.stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        pictures = QWidget()
        pictures.setObjectName("encode_pictures")
        grid = QGridLayout(pictures)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(1)
        for place, pane in enumerate(self.panes.values()):
            grid.addWidget(pane, place // 2, place % 2)
        lower = splitter("encode_lower", Qt.Orientation.Horizontal, self.trips, self.plot)
        lower.setStretchFactor(0, 1)
        lower.setSizes([scaled(520), scaled(330)])
        inner = splitter("encode_inner", Qt.Orientation.Horizontal, pictures, self.noise)
        inner.setStretchFactor(0, 1)
        inner.setSizes([scaled(908), scaled(236)])
        rows = splitter("encode_rows", Qt.Orientation.Vertical, inner, lower)
        rows.setStretchFactor(0, 1)
        rows.setSizes([scaled(620), scaled(190)])
        self.stack.addWidget(self.invitation)
        self.stack.addWidget(rows)
        columns = splitter("encode_columns", Qt.Orientation.Horizontal, self.panel, self.stack)
        columns.setStretchFactor(1, 1)
        columns.setSizes([scaled(296), scaled(1144)])
        self.splitters = (columns, inner, rows, lower)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(columns)

    def _connect(self) -> None:
        desk, panel = self._desk, self.panel
        panel.start_pressed.connect(self.start)
        panel.stop_pressed.connect(desk.stop)
        panel.chosen.connect(desk.choose)
        panel.card.wanted.connect(self.picture_wanted)
        panel.card.dropped.connect(desk.take_file)
        self.invitation.wanted.connect(self.picture_wanted)
        for pane in self.panes.values():
            pane.menu_requested.connect(partial(self._show_menu, pane))
        self.trips.row_chosen.connect(desk.look_at)
        desk.subject_changed.connect(self._show_subject)
        desk.trips_changed.connect(self._show_trips)
        desk.previewed.connect(self._on_previewed)
        desk.progressed.connect(self._on_progressed)
        desk.changed.connect(self._show_state)
        desk.ended.connect(lambda _outcome: self._show_trips())

    def refresh(self) -> None:
        """Show everything as the desk has it."""
        self._show_subject()
        self._show_trips()
        self._show_state()

    def take_focus(self) -> None:
        """Give the keyboard to what is used first."""
        self.panel.card.setFocus()

    def start(self) -> None:
        """Encode if that is possible; what is being typed counts."""
        take_typed(self.panel)
        self._desk.start()

    def ask_save(self) -> None:
        """Ask where to save the picture that came back."""
        self._save(self.panes["pane_decoded"])

    def _save(self, pane: PicturePane) -> None:
        if pane.pixels is None:
            self._desk.noted.emit("There is nothing to save yet: encode a picture first.")
            return
        subject = self._desk.subject
        name = Path(subject.name).stem if subject is not None else "picture"
        fault = save_picture(self, pane.pixels, f"{name}-{pane.objectName().removeprefix('pane_')}")
        if fault is not None:
            self._desk.failed.emit(fault)

    def _show_menu(self, pane: PicturePane, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy", lambda: copy_picture(pane.pixels))
        menu.addAction("Save as…", lambda: self._save(pane))
        menu.popup(where)

    def offer(self, offers: tuple[tuple[str, str, str], ...]) -> None:
        """Set where a picture can come from: id, words, why it cannot."""
        self.panel.card.set_offers(offers)
        refused = self._desk.refused
        for id, _words, why_not in offers:
            if id in self.invitation.buttons:
                self.invitation.offer(id, refused or why_not)
        self.invitation.say(refused or _TEXT)

    def _show_subject(self) -> None:
        subject = self._desk.subject
        self.stack.setCurrentIndex(0 if subject is None else 1)
        if subject is None:
            self.panel.card.show_picture(None)
            return
        self.panel.card.show_picture(subject.pixels, subject.name, subject.facts)
        height, width, _ = subject.pixels.shape
        self.panes["pane_picture"].show_picture(subject.pixels, f"{width}×{height}")

    def _show_trips(self) -> None:
        desk = self._desk
        self.trips.show_trips(desk.trips, desk.chosen)
        self.plot.show_trips(desk.trips)
        self.noise.show_trip(desk.trip, self._problem())
        if desk.trip is not None:
            self.noise.label.set_value(desk.trip.label)
        self._show_trip(desk.trip)

    def _show_trip(self, trip: Trip | None) -> None:
        panes, subject = self.panes, self._desk.subject
        if trip is None or subject is None:
            for name in ("pane_noise", "pane_decoded", "pane_error"):
                panes[name].show_picture(None)
            return
        spread = f"std {trip.spread:.3f}"
        panes["pane_noise"].show_picture(noise_pixels(trip.latent), spread)
        panes["pane_decoded"].show_picture(trip.decoded, psnr_said(trip.psnr))
        error = error_pixels(subject.pixels, trip.decoded, _GAIN)
        panes["pane_error"].show_picture(error, f"RMS {figure(trip.rms)} · ×{_GAIN:.0f}")

    def _problem(self) -> str:
        return "Something is being encoded." if self._desk.running else ""

    def _show_state(self) -> None:
        desk, info = self._desk, self._desk.info
        names = info.classes if info is not None else ()
        self.panel.label.set_names(names)
        self.noise.label.set_names(names)
        self.panel.show_values(desk.solver, desk.steps, desk.label)
        self.panel.show_state(desk.problem, running=desk.running)
        self.noise.show_trip(desk.trip, self._problem())
        if not desk.running:
            self.panel.say(desk.problem or f"{desk.nfe:,} NFE, both ways together")

    def _on_progressed(self, doing: str, share: float, elapsed: float) -> None:
        self.panel.show_progress(share, progress_words(doing, share, elapsed))

    def _on_previewed(self, estimate: Pixels) -> None:
        """Show x̂₀ as it is now, where the decoded picture will be."""
        self.panes["pane_noise"].show_picture(None)
        self.panes["pane_decoded"].show_picture(estimate, "x̂₀ on its way")
        self.panes["pane_error"].show_picture(None)


def _panes() -> tuple[PicturePane, ...]:
    tip = "D(x; σ), what the model expects under the noise, while it runs; then what comes back"
    return (
        PicturePane("pane_picture", "Picture", "The picture that is encoded", ""),
        PicturePane(
            "pane_noise",
            "Noise",
            "Where the flow ends, divided by σ max: a draw of unit noise, were the model perfect",
            "The noise appears here",
        ),
        PicturePane("pane_decoded", "Decoded", tip, "What comes back from the noise"),
        PicturePane(
            "pane_error", "Error", "Decoded minus picture, around grey", "Decoded − picture"
        ),
    )
