"""Join the session's shelf to the panel of takes."""

from collections.abc import Iterable

from PySide6.QtCore import QObject

from studio.engine.job import Ending, LiveRun, Progress
from studio.library import Take, Trajectory
from studio.library.index import Listed
from studio.library.plane import Pixels
from studio.session.planes import glimpse
from studio.session.studio import Studio
from studio.ui.take_item import TakeItem
from studio.ui.take_words import seeds, take_item, title
from studio.ui.takes import TakesPanel

LIVE = "live"
_FIRST = slice(1)


class TakeList(QObject):
    """Keep the panel true to the shelf, with the running job as its first row."""

    def __init__(self, studio: Studio, panel: TakesPanel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._panel = panel
        self._live: LiveRun | None = None
        self._searched = ""
        self._kept = 0  # the newest job that makes a take
        self._unsaved: dict[str, LiveRun] = {}
        studio.shelf.keeper.keeping.connect(self._on_keeping)
        studio.shelf.keeper.unsaved.connect(self._on_unsaved)
        studio.shelf.reloaded.connect(self._on_reloaded)
        studio.shelf.take_added.connect(self._on_take_added)
        studio.shelf.take_marked.connect(self._on_take_marked)
        studio.sampling.started.connect(self._on_started)
        studio.sampling.progressed.connect(self._on_progressed)
        studio.sampling.ended.connect(self._on_ended)
        studio.shown_changed.connect(lambda _shown: self._mark_shown())
        panel.take_chosen.connect(self._on_chosen)
        panel.search_changed.connect(studio.shelf.find)

    def stored(self, take_ids: Iterable[str]) -> list[str]:
        """Return those of the rows that stand for takes, not for runs."""
        return [id for id in take_ids if id not in ("", LIVE, *self._unsaved)]

    def _on_reloaded(self) -> None:
        search = self._studio.shelf.search
        if search == self._searched:
            with self._panel.in_place():
                self._read_again()
        else:
            self._searched = search
            self._read_again()

    def _read_again(self) -> None:
        shelf = self._studio.shelf

        def fetch(limit: int, offset: int) -> list[TakeItem]:
            return [take_item(listed) for listed in shelf.page(limit, offset)]

        self._panel.set_source(fetch, shelf.count(), shelf.position, shelf.total())
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
            self._panel.replace(LIVE, take_item(Listed(take, 0)))
        else:
            self._panel.remove(LIVE)
            self._panel.insert(take_item(Listed(take, 0)))
            self._insert_live()
        self._mark_shown()

    def _insert_live(self) -> None:
        if self._live is not None:
            self._insert(LIVE, self._live, "live")

    def _insert(self, id: str, run: LiveRun, note: str) -> None:
        """Put a row at the top for a run that the shelf does not hold."""
        recipe = run.recipe
        words = title(recipe, self._studio.sampling.parent_of(run.job))
        self._panel.insert(TakeItem(id, words, seeds(recipe), status="live", note=note))
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

    def _on_take_marked(self, take: Take) -> None:
        """Show star and tags in the row, if it has been read; the search may leave it out now."""
        model = self._panel.view.take_model
        row = model.row_of(take.id)
        item = model.loaded(row) if row is not None else None
        if self._studio.shelf.search:
            self._on_reloaded()
        elif item is not None:
            self._panel.replace(take.id, take_item(Listed(take, item.generation)))


def _unsaved_id(trajectory: Trajectory) -> str:
    return f"unsaved-{id(trajectory)}"
