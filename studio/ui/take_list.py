"""Join the session's shelf to the panel of takes."""

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu

from studio.engine.job import Ending, LiveRun, Progress
from studio.library import Recipe, Take, Trajectory
from studio.library.lineage import changes_said
from studio.library.plane import Pixels
from studio.session.planes import glimpse
from studio.session.studio import Studio
from studio.ui.status_text import duration, images
from studio.ui.take_item import TakeItem
from studio.ui.takes import TakesPanel

LIVE = "live"


class TakeList(QObject):
    """Keep the panel true to the shelf, with the running job as its first row."""

    trashed = Signal(object)
    """A take was moved to the trash: the Take as it lies there."""

    def __init__(self, studio: Studio, panel: TakesPanel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._panel = panel
        self._live: LiveRun | None = None
        self._kept = 0  # the newest job that makes a take
        self._unsaved: dict[str, LiveRun] = {}
        studio.shelf.keeping.connect(self._on_keeping)
        studio.shelf.unsaved.connect(self._on_unsaved)
        studio.shelf.reloaded.connect(self._on_reloaded)
        studio.shelf.take_added.connect(self._on_take_added)
        studio.sampling.started.connect(self._on_started)
        studio.sampling.progressed.connect(self._on_progressed)
        studio.sampling.ended.connect(self._on_ended)
        studio.shown_changed.connect(lambda _shown: self._mark_shown())
        panel.take_chosen.connect(self._on_chosen)
        panel.menu_requested.connect(self._show_menu)

    def trash_current(self) -> None:
        """Move the selected take to the trash."""
        chosen = self._panel.view.current_take
        if chosen is not None and self._is_stored(chosen):
            self._trash(chosen)

    def _trash(self, take_id: str) -> None:
        view = self._panel.view
        row = view.currentIndex().row()
        take = self._studio.shelf.discard(take_id)
        if take is not None:
            view.setCurrentIndex(view.take_model.index(min(row, view.take_model.rowCount() - 1)))
            self.trashed.emit(take)

    def _on_reloaded(self) -> None:
        shelf = self._studio.shelf

        def fetch(limit: int, offset: int) -> list[TakeItem]:
            kin = zip(shelf.page(limit, offset), shelf.generations(limit, offset), strict=False)
            return [take_item(take, generation) for take, generation in kin]

        self._panel.set_source(fetch, shelf.count())
        for id, run in self._unsaved.items():
            self._insert(id, run, "not saved")
        self._insert_live()
        self._mark_shown()

    def _on_started(self, live: LiveRun) -> None:
        self._live = live
        self._panel.remove(LIVE)
        self._insert_live()
        self._panel.select(LIVE)

    def _on_progressed(self, progress: Progress) -> None:
        if self._live is not None and progress.job == self._live.job:
            picture = self._glimpse(self._live.trajectory, progress.index)
            self._panel.set_picture(LIVE, picture)

    def _on_ended(self, ending: Ending) -> None:
        self._live = None
        if ending.job != self._kept:
            self._panel.remove(LIVE)

    def _on_keeping(self, ending: Ending) -> None:
        self._kept = ending.job

    def _on_unsaved(self, ending: Ending) -> None:
        """Keep a row for what waits in memory; it can be looked at."""
        assert ending.trajectory is not None
        id = _unsaved_id(ending.trajectory)
        if id not in self._unsaved:
            run = LiveRun(ending.job, ending.recipe, ending.trajectory)
            self._unsaved[id] = run
            self._panel.remove(LIVE)
            self._insert(id, run, "not saved")
            self._insert_live()

    def _on_take_added(self, take: Take, trajectory: Trajectory) -> None:
        waiting = _unsaved_id(trajectory)
        if self._unsaved.pop(waiting, None) is not None:
            self._panel.remove(waiting)
        model = self._panel.view.take_model
        stored = model.rowCount() - (model.row_of(LIVE) is not None) - len(self._unsaved)
        # Read since, or another window added some; or a family moves to the top.
        if take.parent or stored + 1 != self._studio.shelf.count():
            if self._live is None:
                self._panel.remove(LIVE)
            self._on_reloaded()
        elif self._live is None:
            self._panel.replace(LIVE, take_item(take))
        else:
            self._panel.remove(LIVE)
            self._panel.insert(take_item(take))
            self._insert_live()
        self._mark_shown()

    def _insert_live(self) -> None:
        if self._live is not None:
            self._insert(LIVE, self._live, "live")

    def _insert(self, id: str, run: LiveRun, note: str) -> None:
        """Put a row at the top for a run that the shelf does not hold."""
        recipe = run.recipe
        title = _title(recipe, self._studio.sampling.parent_of(run.job))
        self._panel.insert(TakeItem(id, title, _seeds(recipe), status="live", note=note))
        if len(run.trajectory):
            self._panel.set_picture(id, self._glimpse(run.trajectory, -1))

    def _glimpse(self, frames: Trajectory, index: int) -> Pixels:
        return glimpse(frames, index, 0, self._studio.models.info)

    def _mark_shown(self) -> None:
        shown = self._studio.shown
        if shown is not None:
            self._panel.select(shown.id if shown.stored else LIVE)

    def _on_chosen(self, take_id: str) -> None:
        run = self._live if take_id == LIVE else self._unsaved.get(take_id)
        if run is not None:
            self._studio.show_run(run)
        elif take_id != LIVE:
            self._studio.shelf.reopen(take_id)

    def _show_menu(self, take_id: str, where: QPoint) -> None:
        if not self._is_stored(take_id):
            return
        menu = QMenu(self._panel)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Show the folder", lambda: self._show_folder(take_id))
        menu.addAction("Move to the trash", lambda: self._trash(take_id))
        menu.popup(where)

    def _is_stored(self, take_id: str) -> bool:
        """Tell the row of a take from those of runs, and from none."""
        return take_id not in ("", LIVE, *self._unsaved)

    def _show_folder(self, take_id: str) -> None:
        folder = self._studio.shelf.folder(take_id)
        if folder is not None:
            QDesktopServices.openUrl(folder.as_uri())


def take_item(take: Take, generation: int = 0) -> TakeItem:
    """Return the row of a take that descends from `generation` others."""
    recipe, stopped = take.recipe, take.status == "stopped"
    return TakeItem(
        take.id,
        _title(recipe, take.parent),
        _figures(take),
        take.thumbnail,
        status=take.status,
        generation=generation,
        note=f"stopped after {take.nfe} NFE" if stopped else "",
    )


def _figures(take: Take) -> str:
    """Return seeds and cost; the seeds of a branch are those of its parent."""
    seeds = "" if take.parent else _seeds(take.recipe)
    cost = "" if take.status == "stopped" else f"{take.nfe} NFE · {duration(take.seconds)}"
    return " · ".join(filter(None, (seeds, cost)))


def _title(recipe: Recipe, parent: str | None) -> str:
    """Return what made a take, or of a branch what it changed."""
    changes = changes_said(recipe)
    if parent is None:
        return " ".join((recipe.summary(), *changes))
    return f"branch {changes[-1]}" if changes else "branch, nothing changed"


def _unsaved_id(trajectory: Trajectory) -> str:
    return f"unsaved-{id(trajectory)}"


def _seeds(recipe: Recipe) -> str:
    count = len(recipe.seeds)
    return f"seed {recipe.seeds[0]}" + (f" · {images(count)}" if count > 1 else "")
