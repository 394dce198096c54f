"""The Likelihood page: how likely pictures are under the model, in bits per dimension."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QWidget

from studio.engine.fault import describe
from studio.library import LibraryError
from studio.session.editing.likelihood import LikelihoodDesk
from studio.ui.compare.parts import take_typed
from studio.ui.edit.bound_plot import BoundPlot
from studio.ui.edit.invitation import Invitation
from studio.ui.edit.likelihood_panel import LikelihoodPanel
from studio.ui.edit.likelihood_table import LikelihoodTable
from studio.ui.edit.sources import PICTURES
from studio.ui.edit.words import progress_words
from studio.ui.splitter import splitter
from studio.ui.theme import scaled

_TEXT = (
    "Drop pictures or a folder here. The flow between picture and noise has an exact density: it "
    "is followed with an adaptive solver, and the result is given in bits per dimension, with an "
    "error bar. Ho's variational bound stands beside it, level by level."
)
SETS = f"{PICTURES[:-1]} *.zip *.npz)"
_DEEDS = (
    ("files", "Add pictures…", "Choose pictures to be measured"),
    ("folder", "Add a folder…", "Choose a folder of pictures"),
    ("take", "From the take", "Measure what the Sample tab shows"),
)


class LikelihoodPage(QWidget):
    """Show the list of the desk, and pass on what is done to it."""

    take_wanted = Signal()
    """The pictures of the take that is shown are to be added."""

    def __init__(self, desk: LikelihoodDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setAcceptDrops(True)
        self.panel = LikelihoodPanel()
        self.tasks = self.panel.tasks
        self.table, self.plot = LikelihoodTable(), BoundPlot()
        self.invitation = Invitation("How likely is a picture?", _TEXT, _DEEDS)
        rows = splitter("likelihood_rows", Qt.Orientation.Vertical, self.table, self.plot)
        rows.setStretchFactor(0, 1)
        rows.setSizes([scaled(520), scaled(220)])
        self.stack = QStackedWidget()
        self.stack.addWidget(self.invitation)
        self.stack.addWidget(rows)
        columns = splitter("likelihood_columns", Qt.Orientation.Horizontal, self.panel, self.stack)
        columns.setStretchFactor(1, 1)
        columns.setSizes([scaled(296), scaled(1144)])
        self.splitters = (columns, rows)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(columns)
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        desk, panel, table = self._desk, self.panel, self.table
        panel.start_pressed.connect(self.start)
        panel.stop_pressed.connect(desk.stop)
        panel.chosen.connect(desk.choose)
        panel.files_wanted.connect(self.ask_files)
        panel.folder_wanted.connect(self.ask_folder)
        panel.take_wanted.connect(self.take_wanted)
        panel.clear_pressed.connect(desk.clear)
        self.invitation.wanted.connect(self._on_wanted)
        desk.changed.connect(self._show_state)
        desk.list_changed.connect(self._show_list)
        desk.entry_changed.connect(self._on_entry_changed)
        desk.progressed.connect(self._on_progressed)
        table.row_chosen.connect(self._show_terms)
        table.remove_wanted.connect(desk.remove)
        table.copy_wanted.connect(self.copy)
        table.export_wanted.connect(self.ask_export)

    def refresh(self) -> None:
        """Show everything as the desk has it."""
        info = self._desk.info
        self.panel.label.set_names(info.classes if info is not None else ())
        self.panel.show_values(self._desk.values, self._desk.label)
        self._show_list()
        self._show_state()

    def take_focus(self) -> None:
        """Give the keyboard to what is used first."""
        (self.table.view if self._desk.entries else self.panel.add_button).setFocus()

    def start(self) -> None:
        """Measure if that is possible; what is being typed counts."""
        take_typed(self.panel)
        self._desk.start()

    def copy(self) -> None:
        """Put the table on the clipboard, as it is sorted."""
        QGuiApplication.clipboard().setText(self._desk.csv(self.table.order))

    def ask_files(self) -> None:
        """Ask for pictures."""
        paths, _ = QFileDialog.getOpenFileNames(self, "Add pictures", "", SETS)
        if paths:
            self._desk.add_files([Path(path) for path in paths])

    def ask_folder(self) -> None:
        """Ask for a folder of pictures."""
        path = QFileDialog.getExistingDirectory(self, "Add a folder of pictures")
        if path:
            self._desk.add_files([Path(path)])

    def ask_export(self) -> None:
        """Ask where to save the table."""
        path, _ = QFileDialog.getSaveFileName(
            self, "Export the table", "likelihood.csv", "Table (*.csv)"
        )
        if path:
            self.save(Path(path))

    def save(self, path: Path) -> None:
        """Write the table as CSV, as it is sorted; a failure is told."""
        try:
            self._desk.save(path, self.table.order)
        except (LibraryError, OSError) as error:
            self._desk.failed.emit(describe(error, "Exporting the table"))
        else:
            self._desk.noted.emit(f"Exported to {path}.")

    # Drag and drop

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files and folders."""
        if _paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add what was dropped."""
        if paths := _paths(event):
            event.acceptProposedAction()
            self._desk.add_files(paths)

    # What is shown

    def offer(self, take: str, why_not: str) -> None:
        """Set what the pictures of the take are called, or say why there are none."""
        self.panel.offer("" if why_not else take)
        refused = self._desk.refused
        for id in ("files", "folder"):
            self.invitation.offer(id, refused)
        self.invitation.offer("take", why_not)
        self.invitation.say(refused or _TEXT)

    def _show_list(self) -> None:
        entries = self._desk.entries
        self.stack.setCurrentIndex(1 if entries else 0)
        self.table.show_entries(entries)
        self.table.show_mean(self._desk.mean, len(entries))

    def _show_state(self) -> None:
        desk = self._desk
        self.panel.show_values(desk.values, desk.label)
        self.panel.show_state(desk.problem, running=desk.running)
        self.panel.show_list(len(self.table.model.entries), running=desk.running or desk.reading)
        if not desk.running:
            self.panel.say(desk.problem or desk.outlook)

    def _on_entry_changed(self, row: int) -> None:
        self.table.model.replace(row, self._desk.entry(row))
        self.table.show_mean(self._desk.mean, len(self.table.model.entries))
        if row == self.table.current_row:
            self._show_terms(row)

    def _on_progressed(self, doing: str, share: float, elapsed: float) -> None:
        self.panel.show_progress(share, progress_words(doing, share, elapsed))

    def _show_terms(self, row: int) -> None:
        entries = self.table.model.entries
        found = entries[row].measured if 0 <= row < len(entries) else None
        name = entries[row].subject.name if found is not None else ""
        self.plot.show_terms(found.terms if found is not None else (), name)

    def _on_wanted(self, deed: str) -> None:
        deeds = {"files": self.ask_files, "folder": self.ask_folder, "take": self.take_wanted.emit}
        deeds[deed]()


def _paths(event: QDropEvent) -> Sequence[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
