"""Opening the picker over the window, and doing what is chosen in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

if TYPE_CHECKING:
    from studio.models.catalogue import Entry
    from studio.models.presets import Form
    from studio.session.studio import Studio
    from studio.ui.picker.dialog import Picker

_Deed = tuple[str, Callable[[], object]]
_CLOSES = ("model",)
"""Kinds whose use ends the choosing; of the others one may want several."""


class PickerDesk(QObject):
    """Show the picker; `ask_file`, `ask_folder` and `draw` are the ways to what is not listed."""

    def __init__(
        self,
        studio: Studio,
        window: QWidget,
        ask_file: Callable[[], None],
        ask_folder: Callable[[], None],
        draw: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self._studio, self._window = studio, window
        self._others = (ask_file, ask_folder, draw)
        self.picker: Picker | None = None
        studio.using.asked.connect(self._on_asked)

    def pick(self, place: str = "") -> None:
        """Open the picker, if it is not open, at a place: a watched folder, or all."""
        if self.picker is not None:
            self.picker.raise_()
            return
        from studio.ui.picker.dialog import Picker  # not before the window is on the screen

        studio = self._studio
        self.picker = picker = Picker(studio.catalogue, studio.models.path, self._window)
        if place:
            picker.places.choose(place)
        picker.used.connect(self._use)
        picker.settings_wanted.connect(lambda entry: studio.using.ask(entry.path, then_open=False))
        picker.located.connect(self._locate)
        picker.menu_wanted.connect(self._show_menu)
        picker.hash_copied.connect(lambda entry: _copy(entry.sha256))
        picker.folder_wanted.connect(self._watch)
        signals = (picker.foot.file_pressed, picker.foot.folder_pressed, picker.foot.draw_pressed)
        for signal, deed in zip(signals, self._others, strict=True):
            signal.connect(lambda deed=deed: self._leave_for(deed))
        picker.finished.connect(self._on_finished)
        room = self._window.size()
        picker.resize(picker.size().boundedTo(room * 0.94))
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.open()

    def watch(self, folder: str) -> None:
        """Watch a folder, and show what is found in it."""
        self._studio.catalogue.searching.watch(folder)
        self.pick(folder)

    def _on_finished(self) -> None:
        self.picker = None

    def _leave_for(self, deed: Callable[[], None]) -> None:
        if self.picker is not None:
            self.picker.reject()
        deed()

    def _use(self, entry: Entry) -> None:
        if entry.kind in _CLOSES and not entry.asks and self.picker is not None:
            self.picker.accept()
        self._studio.using.use(entry.path, entry.kind, asks=entry.asks)

    def _watch(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._over, "Watch a folder of models")
        if folder:
            self._studio.catalogue.searching.watch(folder)

    def _locate(self, entry: Entry) -> None:
        title = f"Where is “{entry.name}” now?"
        path, _ = QFileDialog.getOpenFileName(self._over, title, Path(entry.path).name)
        if path:
            self._studio.catalogue.relocate(entry.path, path)
            if self.picker is not None:
                self.picker.list.look_at(path)

    @property
    def _over(self) -> QWidget:
        return self.picker or self._window

    # What else can be done with an entry

    def _show_menu(self, entry: Entry, where: QPoint) -> None:
        menu = QMenu(self._over)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for group in self._deeds(entry):
            for text, deed in group:
                menu.addAction(text).triggered.connect(deed)
            menu.addSeparator()
        menu.popup(where)

    def _deeds(self, entry: Entry) -> list[list[_Deed]]:
        """Return what can be done with an entry, in groups."""
        catalogue, using = self._studio.catalogue, self._studio.using
        starred = entry.path in catalogue.starred
        star = "Remove from the favourites" if starred else "Add to the favourites"
        listed: list[_Deed] = [
            (star, lambda: catalogue.star(entry.path, on=not starred)),
            ("Forget", lambda: catalogue.forget(entry.path)),
        ]
        if entry.missing:
            return [[("Locate…", lambda: self._locate(entry))], listed]
        first: list[_Deed] = []
        if entry.kind != "unknown":
            first.append((_use_text(entry), lambda: self._use(entry)))
        if entry.kind == "model" and not entry.asks:
            guide = "Use as the guide of the open model"
            first.append((guide, lambda: using.lead(entry.path, entry.name, entry.sha256)))
        if entry.settings and not entry.asks:
            first.append(("Settings of this file…", lambda: using.ask(entry.path, then_open=False)))
        disk: list[_Deed] = [
            ("Show in its folder", lambda: _show(entry.path)),
            ("Copy the path", lambda: _copy(entry.path)),
        ]
        if entry.sha256:
            disk.append(("Copy the SHA-256", lambda: _copy(entry.sha256)))
        else:
            disk.append(("Compute the SHA-256", lambda: catalogue.hashes.want(entry.path)))
        return [first, listed, disk]

    # Settings of a file

    def ask_settings(self, path: str) -> None:
        """Ask for the settings of a file that is open, or say that it has none."""
        self._studio.using.ask(path, then_open=False)

    def _on_asked(self, form: Form) -> None:
        using, path = self._studio.using, str(form.path)
        from studio.ui.model_settings import ModelSettings

        dialog = ModelSettings(form, self._autoencoders(), self._over)
        dialog.answered.connect(lambda answers: using.answer(path, answers))
        dialog.forgotten.connect(lambda: using.forget(path))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _autoencoders(self) -> list[tuple[str, str]]:
        entries = self._studio.catalogue.entries()
        found = [e for e in entries if e.kind == "autoencoder" and not e.missing]
        return sorted((entry.path, entry.name) for entry in found)


def _use_text(entry: Entry) -> str:
    return {
        "lora": "Put on the open model",
        "autoencoder": "Use with the open model",
        "classifier": "Guide the open model with it",
    }.get(entry.kind, "Choose its settings…" if entry.asks else "Open")


def _show(path: str) -> None:
    folder = Path(path) if Path(path).is_dir() else Path(path).parent
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
