"""What can be done with the takes that are selected: star, tag, carry out, delete."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu

from studio.library import Take
from studio.library.bundle import Unpacked
from studio.session.studio import Studio
from studio.ui.tags_dialog import TagsDialog
from studio.ui.take_list import TakeList
from studio.ui.takes import TakesPanel
from studio.ui.toast import Toasts

_ALL = 1_000_000
TASKS = {"restore": "Edit", "encode": "Encode", "likelihood": "Measure likelihood"}
"""What the Edit tab does with pictures of takes: ids, words."""
_LIST = "likelihood"  # the task that takes many pictures


class TakeDeeds(QObject):
    """Serve the keys and the menu of the list of takes."""

    task_wanted = Signal(str, object)
    """Pictures of the selected takes are to be edited: a task of the Edit tab, and their paths."""
    compared = Signal(str)
    """What is shown is to be compared with the take of this id."""

    def __init__(
        self, studio: Studio, panel: TakesPanel, rows: TakeList, toasts: Toasts, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._studio, self._panel, self._rows, self._toasts = studio, panel, rows, toasts
        panel.menu_requested.connect(self._show_menu)
        panel.view.star_clicked.connect(self._on_star_clicked)
        studio.bundling.packed.connect(self._on_packed)
        studio.bundling.unpacked.connect(self._on_unpacked)
        studio.steps_missed.connect(self._on_steps_missed)

    def star(self) -> None:
        """Star the selected takes, or take the star from them if all have one."""
        takes = self._chosen()
        on = not all(take.marks.starred for take in takes)
        for take in takes:
            self._mark(take, starred=on)

    def ask_tags(self) -> None:
        """Ask for the tags that the selected takes have in common."""
        takes = self._chosen()
        if takes:
            self._tags_dialog(takes).open()

    def trash(self) -> None:
        """Move the selected takes to the trash, with a way back."""
        view = self._panel.view
        row = view.currentIndex().row()
        gone = self._studio.shelf.discard(self._rows.stored(view.chosen_takes()))
        if gone:
            view.setCurrentIndex(view.take_model.index(min(row, view.take_model.rowCount() - 1)))
            many = "The take is" if len(gone) == 1 else f"{len(gone)} takes are"
            toast = self._toasts.show_note(f"{many} in the trash.")
            toast.add_action("Undo", lambda: self._studio.shelf.recover(gone))

    def pack(self) -> None:
        """Ask for a file and pack the selected takes into it."""
        self._ask_where(self._chosen())

    def pack_found(self) -> None:
        """Ask for a file and pack every take that the search finds."""
        self._ask_where([each.take for each in self._studio.shelf.page(_ALL, 0)])

    def find(self) -> None:
        """Let the person type what to search for."""
        box = self._panel.search.box
        box.setFocus()
        box.selectAll()

    def _chosen(self) -> list[Take]:
        ids = self._rows.stored(self._panel.view.chosen_takes())
        return [take for take in map(self._studio.shelf.get, ids) if take is not None]

    def _mark(self, take: Take, **changes: object) -> None:
        self._studio.shelf.mark(take, take.marks.changed(**changes))

    def _on_star_clicked(self, take_id: str) -> None:
        take = self._studio.shelf.get(take_id)
        if take is not None:
            self._mark(take, starred=not take.marks.starred)

    def _tags_dialog(self, takes: Sequence[Take]) -> TagsDialog:
        shared = [tag for tag in takes[0].marks.tags if all(tag in t.marks.tags for t in takes)]
        dialog = TagsDialog(shared, len(takes), self._panel.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def take_over(tags: tuple[str, ...]) -> None:
            for take in takes:
                own = [tag for tag in take.marks.tags if tag not in shared]
                self._mark(take, tags=(*own, *tags))

        dialog.chosen.connect(take_over)
        return dialog

    def _ask_where(self, takes: Sequence[Take]) -> None:
        if not takes:
            self._toasts.show_note("There is no take to pack: select one, or change the search.")
            return
        name = "takes.zip" if len(takes) > 1 else f"{takes[0].folder.name}.zip"
        path, _ = QFileDialog.getSaveFileName(
            self._panel.window(), "Pack the takes into a zip file", name, "Takes (*.zip)"
        )
        if path:
            target = Path(path if path.lower().endswith(".zip") else f"{path}.zip")
            self._studio.bundling.pack(takes, target)

    def _on_packed(self, path: Path | None) -> None:
        if path is None:
            self._toasts.show_note("The packing was cancelled.")
            return
        toast = self._toasts.show_note(f"Packed into {path}. Drop it on another studio.")
        folder = QUrl.fromLocalFile(str(path.parent))
        toast.add_action("Show", lambda: QDesktopServices.openUrl(folder))

    def _on_unpacked(self, found: Unpacked) -> None:
        said = [f"{len(found.takes)} takes came in."]
        if found.known:
            said.append(f"{found.known} were here already.")
        if found.problems:
            said.append(f"{len(found.problems)} could not be read; {found.problems[0]}")
        self._toasts.show_note(" ".join(said))

    def _on_steps_missed(self, why: str) -> None:
        toast = self._toasts.show_note(why)
        toast.add_action("Make them again", self._studio.recall)

    def _show_menu(self, take_id: str, where: QPoint) -> None:
        if self._rows.stored([take_id]):
            self.menu(take_id).popup(where)

    def menu(self, take_id: str) -> QMenu:
        """Return what can be done with the selected takes, the one under the pointer among them."""
        takes, menu = self._chosen(), QMenu(self._panel)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        many = f" {len(takes)} takes" if len(takes) > 1 else ""
        starred = bool(takes) and all(take.marks.starred for take in takes)
        menu.addAction(f"{'Unstar' if starred else 'Star'}{many}", self.star)
        menu.addAction(f"Tags{many and ' of' + many}…", self.ask_tags)
        menu.addSeparator()
        if self._studio.shown is not None and self._studio.shown.id != take_id:
            menu.addAction("Compare with this take", lambda: self.compared.emit(take_id))
        self._add_tasks(menu, takes, many and f" of{many}")
        menu.addAction("Show the folder", lambda: self._show_folder(take_id))
        menu.addAction(f"Pack{many} into a zip file…", self.pack)
        menu.addAction("Pack all that are listed…", self.pack_found)
        menu.addSeparator()
        menu.addAction(f"Move{many} to the trash", self.trash)
        return menu

    def _add_tasks(self, menu: QMenu, takes: Sequence[Take], many: str) -> None:
        """Offer what the Edit tab does; points in the plane have no pictures of their own."""
        info = self._studio.models.info
        paths = [path for take in takes for path in take.pictures]
        if info is None or info.planar or not paths:
            return
        for task, words in TASKS.items():
            if task == _LIST or len(takes) == 1:
                menu.addAction(f"{words}{many}", partial(self.task_wanted.emit, task, paths))
        menu.addSeparator()

    def _show_folder(self, take_id: str) -> None:
        take = self._studio.shelf.get(take_id)
        if take is not None:
            QDesktopServices.openUrl(take.folder.as_uri())
