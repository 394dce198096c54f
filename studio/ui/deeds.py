"""What menu and keys can do beyond the tab: open, save, copy, trash, settings."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QWidget

from studio.engine.fault import Fault
from studio.session.report import report
from studio.session.sketch import points_file
from studio.session.studio import Studio
from studio.ui.commands import Bindings
from studio.ui.design_dialog import DesignDialog
from studio.ui.error_dialog import ErrorDialog
from studio.ui.explain import explain
from studio.ui.export_deeds import ExportDeeds
from studio.ui.full_screen import FullScreen
from studio.ui.log_window import LogWindow
from studio.ui.pages import COMPARE, EDIT, SAMPLE, TRAIN, Pages
from studio.ui.palette import Palette
from studio.ui.palette_entries import entries
from studio.ui.picker.desk import PickerDesk
from studio.ui.pictures import copy_picture, save_picture
from studio.ui.plane.draw_dialog import DrawDialog
from studio.ui.settings_dialog import SettingsDialog
from studio.ui.shortcuts_dialog import ShortcutsDialog
from studio.ui.take_deeds import TakeDeeds
from studio.ui.toast import Toasts
from studio.ui.top_bar import TopBar
from studio.ui.view_switch import VIEWS

EDIT_TASKS = ("restore", "encode", "interpolate", "likelihood")
LORAS = "LoRAs (*.safetensors)"
OPENABLE = (
    "Models and pictures (*.safetensors *.sft *.ckpt *.pt *.pth *.pkl *.bin *.npz *.zip "
    "*.toy.json *.png);;All files (*)"
)


class Deeds(QObject):
    """Do what a command asks for, with dialogs over `window` where it takes one."""

    def __init__(  # noqa: PLR0917 - the parts of the window that it acts on
        self,
        studio: Studio,
        pages: Pages,
        bar: TopBar,
        toasts: Toasts,
        full_screen: FullScreen,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._studio, self._pages, self._bar = studio, pages, bar
        self._tab = tab = pages.sample
        self._toasts, self._full, self._window = toasts, full_screen, window
        self.bindings: Bindings | None = None
        self._takes = TakeDeeds(studio, tab.takes, tab.take_list, toasts, self)
        self._takes.compared.connect(tab.reading.compare_with)
        self._takes.task_wanted.connect(self._on_task_wanted)
        self.picking = PickerDesk(studio, window, self.ask_file, self.ask_folder, self.draw)
        self._exports = ExportDeeds(studio, pages, toasts, window)
        toasts.details_wanted.connect(self.show_error)
        toasts.log_wanted.connect(self.show_log)
        pages.take_wanted.connect(lambda: bar.tabs.setCurrentIndex(SAMPLE))
        pages.model_wanted.connect(lambda: bar.tabs.setCurrentIndex(SAMPLE))
        studio.opening.restoration_wanted.connect(lambda _recipe: self.show_task("restore"))
        pages.compare_wanted.connect(lambda: bar.tabs.setCurrentIndex(COMPARE))

    def by_command(self) -> dict[str, Callable[[], object]]:
        """Return what to call for the id of every command."""
        tab, studio, takes = self._tab, self._studio, self._takes
        return {
            "generate": self._pages.start,
            "queue": self.enqueue,
            "forever": lambda: studio.queue.set_forever(not studio.queue.forever),
            "stop": studio.stop,
            "back": lambda: tab.timeline.step(-1),
            "forward": lambda: tab.timeline.step(1),
            "first": lambda: tab.timeline.choose(0),
            "last": tab.timeline.choose_last,
            "previous_take": lambda: tab.takes.step(-1),
            "next_take": lambda: tab.takes.step(1),
            "play": tab.timeline.toggle_play,
            "branch": tab.branch,
            "check": studio.check,
            "live": tab.run_bar.live.toggle,
            "dice": lambda: studio.roll_seed(self._pages.editor),
            "full_screen": self.toggle_full_screen,
            "undo": self._pages.undo,
            "redo": self._pages.redo,
            "trash": takes.trash,
            "star": takes.star,
            "tags": takes.ask_tags,
            "find": takes.find,
            "pack": takes.pack_found,
            **{f"view_{id}": partial(tab.viewer.choose_view, id) for id, *_ in VIEWS},
            "onion": tab.reading.toggle_onion,
            "compare_with": tab.reading.ask_other,
            "pin": tab.reading.pin,
            "next_measure": tab.reading.next_measure,
            "copy": self.copy,
            "save": self.save,
            "pick": self.picking.pick,
            "model_settings": lambda: self.picking.ask_settings(studio.models.path),
            "open_file": self.ask_file,
            "open_folder": self.ask_folder,
            "add_lora": self.ask_lora,
            "draw": self.draw,
            "open_output": self.show_output,
            "sample_tab": lambda: self._bar.tabs.setCurrentIndex(0),
            "compare_tab": lambda: self._bar.tabs.setCurrentIndex(COMPARE),
            "edit_tab": lambda: self._bar.tabs.setCurrentIndex(EDIT),
            **{f"{task}_page": partial(self.show_task, task) for task in EDIT_TASKS},
            "train_tab": lambda: self._bar.tabs.setCurrentIndex(TRAIN),
            "new_run": self.ask_new_run,
            "open_run": self.ask_run,
            "sweep": self.show_sweep,
            "export": self._exports.export,
            "design_space": self.show_design_space,
            "palette": self.show_palette,
            "settings": self.ask_settings,
            "shortcuts": self.show_shortcuts,
            "explain": self.explain,
            "log": self.show_log,
            "last_error": self.show_last_error,
        }

    def toggle_full_screen(self) -> None:
        """Show the pictures alone on the whole screen, or the whole window again."""
        self._bar.tabs.setCurrentIndex(0)
        self._full.toggle()

    def enqueue(self) -> None:
        """Put the recipe at the end of the queue, or say why it cannot be."""
        self._tab.finish_typing()
        edits = self._pages.edits
        problem = self._studio.editing.problem if edits else self._tab.problem
        if problem:
            self._toasts.show_note(problem)
        elif edits:
            self._studio.editing.enqueue(self._studio.queue)
        else:
            self._studio.enqueue()

    def copy(self) -> None:
        """Put the followed picture on the clipboard."""
        copy_picture(self._tab.viewer.picture())

    def save(self) -> None:
        """Ask where to save the followed picture as it is seen; a result carries its recipe."""
        viewer = self._tab.viewer
        pixels, recipe = viewer.picture(), viewer.recipe
        if pixels is None or recipe is None:
            return
        name = viewer.name_of(viewer.followed)
        if viewer.shows_result:
            fault = save_picture(self._window, pixels, name, recipe, viewer.followed)
        else:  # its recipe would make another picture
            fault = save_picture(self._window, pixels, name)
        if fault is not None:
            self._studio.failed.emit(fault)

    def _on_task_wanted(self, task: str, paths: list[Path]) -> None:
        self.show_task(task)
        self._pages.edit.take_files(task, paths)

    def show_task(self, task: str) -> None:
        """Show the page of the Edit tab for a task."""
        self._bar.tabs.setCurrentIndex(EDIT)
        self._pages.edit.show_task(task)

    def ask_new_run(self) -> None:
        """Ask in the Train tab what a new run is to learn from."""
        self._bar.tabs.setCurrentIndex(TRAIN)
        self._pages.train.deeds.ask_new()

    def ask_run(self) -> None:
        """Ask in the Train tab for a run to follow."""
        self._bar.tabs.setCurrentIndex(TRAIN)
        self._pages.train.deeds.ask_run()

    def show_sweep(self) -> None:
        """Show the page on which knobs are swept."""
        self._bar.tabs.setCurrentIndex(COMPARE)
        self._pages.show_mode("sweep")

    def ask_file(self) -> None:
        """Ask for a model or a picture and open it."""
        path, _ = QFileDialog.getOpenFileName(self._window, "Open a model or picture", "", OPENABLE)
        if path:
            self._studio.open_file(path)

    def ask_folder(self) -> None:
        """Ask for a folder and open it: pictures, or a model that is a folder."""
        title = "Open a folder: pictures, or a model"
        path = QFileDialog.getExistingDirectory(self._window, title)
        if path:
            self._studio.open_file(path)

    def ask_lora(self) -> None:
        """Ask for a LoRA and put it on the model."""
        path, _ = QFileDialog.getOpenFileName(self._window, "Add a LoRA", "", LORAS)
        if path:
            self._studio.loras.add(path)

    def draw(self) -> None:
        """Show a square to paint a distribution on, and open what is made of it."""
        studio = self._studio
        dialog = DrawDialog(points_file(studio.models.path), self._window)
        dialog.drawn.connect(
            lambda toy: studio.using.draw(
                toy, dialog.accept, lambda fault: dialog.show_problem(str(fault))
            )
        )
        _open(dialog)

    def show_output(self) -> None:
        """Show the folder of the takes in the system's file manager, or say where it is."""
        root = self._studio.shelf.root
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(root))):
            self._toasts.show_note(f"The takes are in {root}.")

    def show_design_space(self) -> None:
        """Show Table 1 beside the window, to take ingredients from."""
        editor = self._studio.editor
        dialog = DesignDialog(editor.recipe, self._window)
        dialog.chosen.connect(editor.edit_all)
        editor.changed.connect(dialog.show_recipe)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def ask_settings(self) -> None:
        """Show the settings; each change acts at once."""
        used = self._studio.shelf.steps_size()
        values = {**self._studio.settings.model_dump(), "steps_used": used}
        dialog = SettingsDialog(values, self._bar.devices, self._window)
        dialog.applied.connect(self._apply)
        _open(dialog)

    def _apply(self, changes: dict[str, object]) -> None:
        folders = changes.pop("watched_folders", None)
        if isinstance(folders, tuple):
            self._studio.catalogue.searching.set_watched(folders)
        self._studio.apply(changes)

    def show_palette(self) -> None:
        """Offer everything that can be done or chosen, to be found by a few letters."""
        assert self.bindings is not None
        found = entries(self._studio, self.bindings, self.by_command())
        palette = Palette(tuple(found), self._window)
        palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        palette.place_over(self._window)

    def show_log(self) -> None:
        """Show the log beside the window, or bring it to the front."""
        open_ = self._window.findChild(LogWindow)
        log = open_ or LogWindow(self._studio.journal, self._window)
        log.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        log.show()
        log.raise_()
        log.activateWindow()

    def show_error(self, fault: Fault) -> None:
        """Show an error with everything that helps to find its cause."""
        studio = self._studio
        device = f"{studio.settings.device}, number type {studio.settings.dtype}"
        text = report(fault, studio.editor.whole, studio.models.info, device)
        _open(ErrorDialog(fault, text, self._window))

    def show_last_error(self) -> None:
        """Show the newest error, if there was one."""
        fault = self._studio.chronicle.last_fault
        if fault is None:
            self._toasts.show_note("No error has happened since the studio was opened.")
        else:
            self.show_error(fault)

    def explain(self) -> None:
        """Explain the control that has the focus, or show what every key does."""
        if not explain(QApplication.focusWidget()):
            self.show_shortcuts()

    def show_shortcuts(self) -> None:
        """Show what every key does, to be changed."""
        assert self.bindings is not None
        _open(ShortcutsDialog(self.bindings, self._window))


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
