"""What the tab does that takes a dialog, a menu or another tab."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog, QMenu, QWidget
from shiboken6 import isValid

from studio.engine.launcher import LOG
from studio.models.checkpoints import RUN_FILE
from studio.session.studio import Studio
from studio.session.training.against_base import AgainstBase
from studio.session.training.bases import Base
from studio.session.training.workshop import Workshop
from studio.ui.theme import scaled
from studio.ui.train.cluster_dialog import ClusterDialog
from studio.ui.train.new_run import NewRunDialog
from studio.ui.train.run_text import RunFileDialog

T = TypeVar("T")
_MOST_KIMG = 1e6
_MODELS = "Models (*.safetensors)"


class TrainDeeds(QObject):
    """Begin runs, open their models, and take them elsewhere."""

    model_opened = Signal()
    """A checkpoint is being opened: the Sample tab is where it is to be seen."""
    compared = Signal(str)
    """What is shown in the Sample tab is to be compared with the take of this id."""

    def __init__(self, studio: Studio, window: QWidget) -> None:
        super().__init__(window)
        self._studio, self._desk, self._parent = studio, studio.training, window
        self.workshop = Workshop(self._desk, lambda: studio.settings.recent_models)
        self.against = AgainstBase(
            studio.models, studio.sampling, studio.editor, studio.open_model, self
        )
        self.against.made.connect(self.compared)
        self.against.failed.connect(studio.failed)

    # New runs

    def ask_new(self, data: Path | None = None) -> NewRunDialog:
        """Ask what a new run is to learn from."""
        dialog = self._dialog()
        if data is not None:
            dialog.set_data(data)
        self._show(dialog)
        return dialog

    def ask_copy(self, folder: Path) -> None:
        """Show the run file of a run, to be changed for a new one."""
        dialog = self._dialog()

        def show(text: str) -> None:
            dialog.show_copy(folder.name, text)
            self._show(dialog)

        self.workshop.copy(folder, _while_there(dialog, show))

    def edit(self, folder: Path) -> None:
        """Show the run file of a run that stands still, to be changed in place."""

        def show(text: str) -> None:
            dialog = RunFileDialog(folder.name, text, self._parent)
            dialog.wanted.connect(lambda changed: self.workshop.rewrite(folder, changed))
            _open(dialog)

        self.workshop.read(folder, show)

    def _dialog(self) -> NewRunDialog:
        fast = any(device != "cpu" for device, _name in self._studio.engine.devices)
        dialog = NewRunDialog(
            self._desk.root, self.workshop.free_name, fast=fast, parent=self._parent
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        made = _while_there(dialog, lambda _made: dialog.accept())
        refused = _while_there(dialog, lambda fault: dialog.show_problem(str(fault)))
        dialog.wanted.connect(
            lambda name, text: self.workshop.found(name, text, lambda: made(True), refused)
        )
        return dialog

    def _show(self, dialog: NewRunDialog) -> None:
        form = dialog.form

        def take(path: str) -> None:
            def begin_from(base: Base | None) -> None:
                if base is None:
                    form.refuse_base(path)
                else:
                    form.choose_base(base)

            self.workshop.look_at_base(path, _while_there(dialog, begin_from))

        form.base_wanted.connect(take)
        self.workshop.find_bases(_while_there(dialog, dialog.set_bases))
        dialog.open()

    def ask_run(self) -> None:
        """Ask for the folder of a run and follow it."""
        path = QFileDialog.getExistingDirectory(self._parent, "Open the folder of a run")
        if path:
            self._desk.open(Path(path))

    def take(self, path: Path) -> None:
        """Follow the run in a folder that was dropped, or begin one with the pictures there."""
        folder = path.parent if path.name == RUN_FILE else path
        if (folder / RUN_FILE).is_file():
            self._desk.open(folder)
        else:
            self.ask_new(path)

    def ask_longer(self, folder: Path) -> None:
        """Ask how long a run that has finished is to go on."""
        standing = self._desk.find(folder)
        status = standing.status if standing else None
        if status is None:
            return
        dialog = QInputDialog(self._parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setObjectName("longer_dialog")
        dialog.setWindowTitle("Train longer")
        dialog.setInputMode(QInputDialog.InputMode.DoubleInput)
        dialog.setLabelText("Thousands of pictures to have trained on in all:")
        dialog.setDoubleDecimals(3 if status.total_kimg < 1 else 0)
        dialog.setDoubleRange(status.kimg, max(_MOST_KIMG, 2 * status.kimg))
        dialog.setDoubleValue(2 * status.kimg)
        dialog.setOkButtonText("Train")
        dialog.sizeHint()  # makes the layout
        if (layout := dialog.layout()) is not None:
            layout.setContentsMargins(scaled(16), scaled(12), scaled(16), scaled(12))
            layout.setSpacing(scaled(8))
        dialog.doubleValueSelected.connect(lambda kimg: self.workshop.lengthen(folder, kimg))
        _open(dialog)

    # Models

    def open_as_model(self) -> None:
        """Open the newest checkpoint of the run in the Sample tab."""
        details = self._desk.details
        if details is not None and details.model is not None:
            self._studio.open_model(str(details.model))
            self.model_opened.emit()

    def compare_with_base(self) -> None:
        """Sample the same seeds from what the run began with and from its newest checkpoint."""
        details = self._desk.details
        if details is not None and details.settings is not None and details.model is not None:
            init = details.settings.network.init
            self.against.begin(details.folder, init, details.model)
            self.model_opened.emit()

    def ask_export(self, folder: Path | None = None) -> None:
        """Ask where to write the model of a run, or of the one that is looked at."""
        folder = folder or self._desk.selected
        standing = self._desk.find(folder) if folder else None
        if folder is None or standing is None or not standing.begun:
            self._studio.noted.emit("There is no model to export yet: train first.")
            return
        name = f"{folder.name}.safetensors"
        path, _ = QFileDialog.getSaveFileName(self._parent, "Export the model", name, _MODELS)
        if path:
            self._desk.export(folder, Path(path).with_suffix(".safetensors"))

    # The run folder

    def follow_link(self, name: str) -> None:
        """Do what a link in the line at the bottom says."""
        folder = self._desk.selected
        if folder is None:
            return
        if name == "run_folder":
            self.show_folder(folder)
        else:
            _open(ClusterDialog(name, folder, self._parent))

    def show_folder(self, folder: Path) -> None:
        """Show a run folder, or a file in it, with the system's program, or say where it is."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._studio.noted.emit(f"It is at {folder}.")

    def show_menu(self, folder: Path, where: QPoint) -> None:
        """Offer what can be done with a run."""
        self.menu(folder).popup(where)

    def menu(self, folder: Path) -> QMenu:
        """Return what can be done with a run."""
        menu = QMenu(self._parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        standing = self._desk.find(folder)
        menu.addAction("Show its folder", lambda: self.show_folder(folder))
        log = menu.addAction("Show what the trainer said", lambda: self.show_folder(folder / LOG))
        log.setEnabled((folder / LOG).is_file())
        menu.addSeparator()
        menu.addAction("Edit a copy…", lambda: self.ask_copy(folder))
        edit = menu.addAction("Change its settings…", lambda: self.edit(folder))
        edit.setEnabled(standing is not None and not standing.alive)
        menu.addAction("Export the model…", lambda: self.ask_export(folder))
        menu.addAction("Look at the pictures", lambda: self._desk.look_at_pictures(folder))
        menu.addSeparator()
        menu.addAction("Leave out of the list", lambda: self.leave_out(folder))
        return menu

    def leave_out(self, folder: Path) -> None:
        """Take a run out of the list, and say that it is still there."""
        self._desk.leave_out(folder)
        self._studio.noted.emit(f"“{folder.name}” is left out of the list; it stays in {folder}.")


def _while_there(dialog: QDialog, deed: Callable[[T], None]) -> Callable[[T], None]:
    """Return a deed that is not done once its dialog was closed."""
    return lambda value: deed(value) if isValid(dialog) else None


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
