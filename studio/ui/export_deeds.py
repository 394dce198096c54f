"""What of the tabs can be written to files: takes, comparisons, sweeps."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.engine.fault import Fault
from studio.session.exporting import KINDS, Wish, suggested_name
from studio.session.sampling import Shown
from studio.session.studio import Studio
from studio.session.views import LABELS
from studio.ui.export_dialog import ExportDialog
from studio.ui.pages import Pages
from studio.ui.toast import Toasts

EXPORTS = "Table (*.csv);;Contact sheet (*.png)"


class ExportDeeds(QObject):
    """Ask what to export and where, with dialogs over `window`."""

    def __init__(self, studio: Studio, pages: Pages, toasts: Toasts, window: QWidget) -> None:
        super().__init__(window)
        self._studio, self._pages, self._toasts = studio, pages, toasts
        self._window = window
        pages.sample.export_button.clicked.connect(self.export_take)
        pages.export_wanted.connect(self.export)
        studio.exporting.ended.connect(self._on_exported)

    def export(self) -> None:
        """Export what the tab shows: a take, a comparison, what was edited, or a run's model."""
        if self._pages.currentWidget() is self._pages.sample:
            self.export_take()
        elif self._pages.edits:
            self._pages.edit.export()
        elif self._pages.trains:
            self._pages.train.deeds.ask_export()
        elif self._pages.sweeps:
            self.export_sweep()
        else:
            self.export_comparison()

    def export_take(self) -> None:
        """Ask what to make of the take that is shown: a film, a table, a script."""
        shown, viewer = self._studio.shown, self._pages.sample.viewer
        if shown is None:
            self._toasts.show_note("There is nothing to export yet: generate something first.")
            return
        seeds = shown.recipe.seeds
        kind = viewer.view if viewer.view in LABELS else "x0"
        dialog = ExportDialog(seeds, viewer.followed, kind, self._window)
        dialog.chosen.connect(lambda kind, wish: self._ask_where(shown, kind, wish))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

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
        self._save_cells("Export the comparison", "comparison.csv", self._pages.compare.save)

    def export_sweep(self) -> None:
        """Ask where to export the sweep, as a table or as a contact sheet."""
        if not self._studio.sweeping.done:
            self._toasts.show_note("There is nothing to export yet: sweep something first.")
            return
        self._save_cells("Export the sweep", "sweep.png", self._pages.sweep.save)

    def _save_cells(self, title: str, name: str, save: Callable[[str], Fault | None]) -> None:
        path, _ = QFileDialog.getSaveFileName(self._window, title, name, EXPORTS)
        if path:
            fault = save(path)
            if fault is not None:
                self._studio.failed.emit(fault)
            else:
                self._toasts.show_note(f"Exported to {path}.")
