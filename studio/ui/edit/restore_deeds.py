"""What can be done with a restoration and with the mask: menus, and files that are asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from studio.engine.fault import Fault
from studio.session.editing.subjects import Subject
from studio.ui.edit.sources import PICTURES
from studio.ui.pictures import copy_picture, save_picture

if TYPE_CHECKING:
    from studio.session.editing.restored import Restored
    from studio.session.editing.results import Results
    from studio.session.studio import Studio
    from studio.ui.edit.sight import Sight


class RestoreDeeds(QObject):
    """Carry a restoration elsewhere; load and save a mask, load a kernel."""

    encode_wanted = Signal(object)
    """A restoration is to be encoded to noise: a Subject."""
    take_wanted = Signal(str)
    """A restoration is to be seen on the Sample tab: the id of its take."""

    def __init__(self, studio: Studio, results: Results, sight: Sight, page: QWidget) -> None:
        super().__init__(page)
        self._studio, self._results, self._sight, self._page = studio, results, sight, page

    def show_menu(self, place: int, point: QPoint) -> None:
        """Show what can be done with the restoration at a place, at a global position."""
        self.menu(place).popup(point)

    def menu(self, place: int) -> QMenu:
        """Return what can be done with the restoration at a place."""
        menu, shown = QMenu(self._page), self._results.shown
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if shown is None or shown.pictures is None or place >= len(shown.pictures):
            return menu
        pixels, seed = shown.pictures[place], shown.seeds[place]
        subject = Subject(f"restored, seed {seed}", pixels.copy(), "from a restoration")
        menu.addAction("Use as the picture", lambda: self._studio.editing.take_whole(subject))
        menu.addAction("Encode to noise", lambda: self.encode_wanted.emit(subject))
        show = menu.addAction("Show on the Sample tab", lambda: self.take_wanted.emit(shown.take))
        show.setEnabled(bool(shown.take) and bool(shown.outcome))
        menu.addSeparator()
        menu.addAction("Copy", lambda: copy_picture(pixels))
        menu.addAction("Save as…", lambda: self._save(shown, place))
        return menu

    def ask_mask(self, deed: str) -> None:
        """Ask for the file that a mask is taken from (“load”) or written to (“save”)."""
        if deed == "save":
            self._save_mask()
        elif path := self._asked("Open a mask"):
            self._studio.editing.take_mask(path)

    def ask_kernel(self) -> None:
        """Ask for the picture of a blur."""
        if path := self._asked("Open a kernel"):
            self._studio.editing.set_kernel(path)

    def _asked(self, title: str) -> Path | None:
        path, _ = QFileDialog.getOpenFileName(self._page, title, "", PICTURES)
        return Path(path) if path else None

    def _save(self, shown: Restored, place: int) -> None:
        if shown.pictures is None:
            return
        name = f"restored-{shown.seeds[place]}"
        fault = save_picture(self._page, shown.pictures[place], name, shown.recipe, place)
        if fault is not None:
            self._studio.failed.emit(fault)

    def _save_mask(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self._page, "Save the mask", "mask.png", "PNG (*.png)"
        )
        if not path:
            return
        target = path if path.lower().endswith(".png") else f"{path}.png"
        soft = self._sight.mask.soft()
        height, width = soft.shape
        grey = QImage(soft.tobytes(), width, height, width, QImage.Format.Format_Grayscale8)
        if not grey.save(target):
            why = f"The mask could not be written to “{target}”. Choose another folder."
            self._studio.failed.emit(Fault(why))
