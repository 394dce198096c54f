"""What menu and keys can do beyond the tab: open, save, copy, trash, settings."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from studio.library import Take
from studio.session.exporting import KINDS, Wish, suggested_name
from studio.session.sampling import Shown
from studio.session.sketch import points_file
from studio.session.studio import Studio
from studio.ui.commands import Bindings
from studio.ui.design_dialog import DesignDialog
from studio.ui.export_dialog import ExportDialog
from studio.ui.pages import Pages
from studio.ui.palette import Palette
from studio.ui.palette_entries import entries
from studio.ui.pictures import copy_picture, save_picture
from studio.ui.plane.draw_dialog import DrawDialog
from studio.ui.settings_dialog import SettingsDialog
from studio.ui.shortcuts_dialog import ShortcutsDialog
from studio.ui.toast import Toasts
from studio.ui.top_bar import TopBar

EXPORTS = "Table (*.csv);;Contact sheet (*.png)"
OPENABLE = "Models and pictures (*.safetensors *.npz *.zip *.toy.json *.png);;All files (*)"


class Deeds(QObject):
    """Do what a command asks for, with dialogs over `window` where it takes one."""

    def __init__(
        self, studio: Studio, pages: Pages, bar: TopBar, toasts: Toasts, window: QWidget
    ) -> None:
        super().__init__(window)
        self._studio, self._pages, self._bar = studio, pages, bar
        self._tab = tab = pages.sample
        self._toasts, self._window = toasts, window
        self.bindings: Bindings | None = None
        tab.take_list.trashed.connect(self._on_trashed)
        tab.export_button.clicked.connect(self.export_take)
        studio.exporting.ended.connect(self._on_exported)

    def by_command(self) -> dict[str, Callable[[], object]]:
        """Return what to call for the id of every command."""
        tab, studio = self._tab, self._studio
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
            "dice": studio.roll_seed,
            "undo": studio.editor.undo,
            "redo": studio.editor.redo,
            "trash": tab.take_list.trash_current,
            "copy": self.copy,
            "save": self.save,
            "open_file": self.ask_file,
            "open_folder": self.ask_folder,
            "draw": self.draw,
            "open_output": self.show_output,
            "sample_tab": lambda: self._bar.tabs.setCurrentIndex(0),
            "compare_tab": lambda: self._bar.tabs.setCurrentIndex(1),
            "export": self.export,
            "design_space": self.show_design_space,
            "palette": self.show_palette,
            "settings": self.ask_settings,
            "shortcuts": self.show_shortcuts,
        }

    def enqueue(self) -> None:
        """Put the recipe at the end of the queue, or say why it cannot be."""
        if self._tab.problem:
            self._toasts.show_note(self._tab.problem)
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
            self._toasts.show_fault(fault)

    def export(self) -> None:
        """Export what the tab shows: the take, or the comparison."""
        if self._bar.tabs.currentIndex() == 0:
            self.export_take()
        else:
            self.export_comparison()

    def export_take(self) -> None:
        """Ask what to make of the take that is shown: a film, a table, a script."""
        shown, viewer = self._studio.shown, self._tab.viewer
        if shown is None:
            self._toasts.show_note("There is nothing to export yet: generate something first.")
            return
        seeds = shown.recipe.seeds
        dialog = ExportDialog(seeds, viewer.followed, viewer.view, self._window)
        dialog.chosen.connect(lambda kind, wish: self._ask_where(shown, kind, wish))
        _open(dialog)

    def _ask_where(self, shown: Shown, kind: str, wish: Wish) -> None:
        name, words = suggested_name(shown.recipe, wish), f"{KINDS[kind]} (*{kind})"
        path, _ = QFileDialog.getSaveFileName(
            self._window, "Export the take", f"{name}{kind}", words
        )
        if path:
            target = Path(path if path.lower().endswith(kind) else f"{path}{kind}")
            self._studio.exporting.start(shown, target, wish)

    def _on_exported(self, path: Path | None) -> None:
        if path is None:
            self._toasts.show_note("The export was cancelled.")
            return
        toast = self._toasts.show_note(f"Exported to {path}.")
        folder = QUrl.fromLocalFile(str(path.parent))
        toast.add_action("Show", lambda: QDesktopServices.openUrl(folder))

    def export_comparison(self) -> None:
        """Ask where to export the comparison, as a table or as a picture."""
        comparing = self._studio.comparing
        if not comparing.results:
            self._toasts.show_note("There is nothing to export yet: compare something first.")
            return
        self._bar.tabs.setCurrentIndex(1)
        path, _ = QFileDialog.getSaveFileName(
            self._window, "Export the comparison", "comparison.csv", EXPORTS
        )
        if path:
            fault = self._pages.compare.save(path)
            if fault is not None:
                self._toasts.show_fault(fault)
            else:
                self._toasts.show_note(f"Exported to {path}.")

    def ask_file(self) -> None:
        """Ask for a model or a picture and open it."""
        path, _ = QFileDialog.getOpenFileName(self._window, "Open a model or picture", "", OPENABLE)
        if path:
            self._studio.open_file(path)

    def ask_folder(self) -> None:
        """Ask for a folder of pictures and open it as a model."""
        title = "Open a folder of pictures as a model"
        path = QFileDialog.getExistingDirectory(self._window, title)
        if path:
            self._studio.open_model(path)

    def draw(self) -> None:
        """Show a square to paint a distribution on, and open what is made of it."""
        studio = self._studio
        dialog = DrawDialog(points_file(studio.models.path), self._window)
        dialog.drawn.connect(
            lambda toy: studio.keep_drawing(
                toy, dialog.accept, lambda fault: dialog.show_problem(str(fault))
            )
        )
        _open(dialog)

    def show_output(self) -> None:
        """Show the folder of the takes in the system's file manager, or say where it is."""
        root = self._studio.shelf.root
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(root))):
            self._toasts.show_note(f"The takes are in {root}.")

    def _on_trashed(self, take: Take) -> None:
        toast = self._toasts.show_note("The take is in the trash.")
        toast.add_action("Undo", lambda: self._studio.shelf.recover(take))

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
        values = self._studio.settings.model_dump()
        dialog = SettingsDialog(values, self._bar.devices, self._window)
        dialog.applied.connect(self._studio.apply)
        _open(dialog)

    def show_palette(self) -> None:
        """Offer everything that can be done or chosen, to be found by a few letters."""
        assert self.bindings is not None
        found = entries(self._studio, self.bindings, self.by_command())
        palette = Palette(tuple(found), self._window)
        palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        palette.place_over(self._window)

    def show_shortcuts(self) -> None:
        """Show what every key does, to be changed."""
        assert self.bindings is not None
        _open(ShortcutsDialog(self.bindings, self._window))


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
