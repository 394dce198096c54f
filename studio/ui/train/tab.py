"""The Train tab: it shows the session's runs and passes on what the person does to them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QStackedWidget, QVBoxLayout, QWidget

from studio.models.checkpoints import RUN_FILE
from studio.session.studio import Studio
from studio.ui.splitter import splitter
from studio.ui.theme import scaled
from studio.ui.train.blank import Middle
from studio.ui.train.foot import Foot
from studio.ui.train.left import Left
from studio.ui.train.right import Right
from studio.ui.train.welcome import Welcome


class TrainTab(QWidget):
    """Follow a run, steer it, and begin new ones."""

    model_opened = Signal()
    """A checkpoint is being opened: the Sample tab is where it is to be seen."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio, self._desk = studio, studio.training
        self._followed: Path | None = None
        self.left, self.right, self.foot = Left(), Right(), Foot()
        self.middle, self.welcome = Middle(), Welcome()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.welcome)
        self.stack.addWidget(self.middle)
        self.columns = splitter(
            "train_columns", Qt.Orientation.Horizontal, self.left, self.stack, self.right
        )
        self.columns.setStretchFactor(1, 1)
        self.columns.setSizes([scaled(236), scaled(904), scaled(300)])
        self.splitters = (self.columns,)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.columns, 1)
        column.addWidget(self.foot)
        self.setAcceptDrops(True)
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        desk, left, right = self._desk, self.left, self.right
        desk.changed.connect(self.refresh)
        left.runs.run_chosen.connect(desk.select)
        left.runs.leaving.connect(desk.leave_out)
        left.runs.menu_wanted.connect(self._show_menu)
        left.open_wanted.connect(self.ask_run)
        left.data.look_wanted.connect(lambda: self._with_run(desk.look_at_pictures))
        controls = left.controls
        controls.start_pressed.connect(lambda: self._with_run(desk.train))
        for command, signal in (
            ("pause", controls.pause_pressed),
            ("resume", controls.resume_pressed),
            ("stop", controls.stop_pressed),
            ("sample", right.sample_wanted),
            ("save", right.save_wanted),
        ):
            signal.connect(
                lambda command=command: self._with_run(lambda run: desk.tell(run, command))
            )
        right.open_wanted.connect(self.open_as_model)
        self.welcome.open_wanted.connect(self.ask_run)
        self.foot.wanted.connect(self._on_link)

    def refresh(self) -> None:
        """Show everything as the session has it."""
        desk = self._desk
        empty = desk.looked and not desk.standings and desk.selected is None
        self.stack.setCurrentWidget(self.welcome if empty else self.middle)
        self.left.show_desk(desk)
        self.right.show_desk(desk)
        self.foot.show_run(desk.standing)
        if desk.selected != self._followed:
            self._followed = desk.selected
            self.middle.show_run(desk.selected)

    def start(self) -> None:
        """Do what the first button stands for: start, pause or resume."""
        self.left.controls.press()

    def open_as_model(self) -> None:
        """Open the newest checkpoint of the run in the Sample tab."""
        details = self._desk.details
        if details is not None and details.model is not None:
            self._studio.open_model(str(details.model))
            self.model_opened.emit()

    def ask_run(self) -> None:
        """Ask for the folder of a run and follow it."""
        path = QFileDialog.getExistingDirectory(self, "Open the folder of a run")
        if path:
            self._desk.open(Path(path))

    # Drag and drop

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome folders and files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Follow a run that was dropped, or begin one with the pictures."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.take(Path(paths[0]))

    def take(self, path: Path) -> None:
        """Follow the run in a folder."""
        self._desk.open(path.parent if path.name == RUN_FILE else path)

    def _with_run(self, deed: object) -> None:
        if self._desk.selected is not None and callable(deed):
            deed(self._desk.selected)

    def _on_link(self, name: str) -> None:
        folder = self._desk.selected
        if folder is None:
            return
        if name == "run_folder":
            self.show_folder(folder)
        else:
            QGuiApplication.clipboard().setText(str(folder))

    def show_folder(self, folder: Path) -> None:
        """Show a run folder in the file manager, or say where it is."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._studio.noted.emit(f"The run is in {folder}.")

    def _show_menu(self, folder: Path, where: QPoint) -> None:
        menu = self.menu(folder)
        menu.popup(where)

    def menu(self, folder: Path) -> QMenu:
        """Return what can be done with a run."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Show its folder", lambda: self.show_folder(folder))
        menu.addAction("Leave out of the list", lambda: self._desk.leave_out(folder))
        return menu
