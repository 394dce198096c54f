"""The sweep that is being put together, made and looked at."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from studio.diffusion import KnobError
from studio.engine.background import Background
from studio.engine.engine import Engine
from studio.engine.fault import Fault
from studio.engine.job import CellsEnding
from studio.engine.sizes import state_shape
from studio.library import Recipe
from studio.library.sweeps import Entry, Place, Sweep, SweepFolder, picture_of
from studio.session.cells_desk import CellsDesk
from studio.session.sweep_view import SweepChoice, View, Wish, view_of

Pictures = dict[tuple[Path, int], NDArray[np.uint8] | None]
"""Pictures by the folder of their take and their number."""


class SweepDesk(CellsDesk[SweepChoice]):
    """Hold what is chosen, the cells that are there, and the sweep in progress.

    A sweep stands on the recipe of the Sample tab, until one of its cells or an earlier sweep is
    opened: then `pinned` holds the recipe that it stands on. Everything that looks at the disk
    happens in another thread, and `changed` tells when it is known.
    """

    cells_changed = Signal()
    pictures_read = Signal(object)  # {place: (H, W, 3) uint8}
    failed = Signal(object)  # Fault

    def __init__(self, engine: Engine, disk: Background, parent: QObject | None = None) -> None:
        super().__init__(engine, SweepChoice(), parent)
        self._disk = disk
        self.view = View(problem="No model is open.")
        self.done: dict[Place, Entry] = {}
        self.problems: dict[Place, str] = {}
        self.pinned: Recipe | None = None
        self._pictures: Pictures = {}
        self._reading = False
        self._wish_to_read: tuple[int, Collection[Place]] | None = None
        self._turn = self._known = 0
        self._wanted = False
        self._places: dict[str, list[Place]] = {}
        self._paces: dict[str, float] = {}
        engine.cell_written.connect(self._on_cell_written)
        engine.cell_refused.connect(self._on_cell_refused)
        engine.speed_measured.connect(self._on_speed_measured)

    @property
    def base(self) -> Recipe:
        """Return the recipe that the sweep stands on."""
        return self.pinned or self._recipe

    @property
    def seconds(self) -> float | None:
        """Return about how long the rest takes, None as long as the speed is not known."""
        ahead = self.view.forecast
        return ahead.seconds(self._pace) if ahead else None

    @property
    def _pace(self) -> float | None:
        """Return the pace of the cells that are there, or else what was measured of the model."""
        records = [entry.record for entry in self.done.values()]
        calls = sum(record.nfe * record.pictures for record in records)
        if calls:
            return sum(record.seconds for record in records) / calls
        return self._paces.get(self.base.model.path)

    def pin(self) -> None:
        """Stand on the present recipe from now on, whatever is opened in the Sample tab."""
        self.pinned = self.view.sweep.base if self.view.sweep else self.base
        self.changed.emit()

    def unpin(self) -> None:
        """Stand on the recipe of the Sample tab again."""
        self.pinned = None
        self._compose()

    def reopen(self, folder: SweepFolder) -> None:
        """Look at an earlier sweep, which can be gone on with where its model is open."""
        self._disk.run(folder.sweep, self._on_reopened, self.failed.emit, "Opening the sweep")

    def start(self) -> None:
        """Make and measure the cells that are not there yet."""
        view = self.view
        if view.sweep is None or view.problem or self.running:
            return
        self._job = self._engine.sweep(view.sweep, self._root, self._computed_by)
        self._set_running(True)
        self.changed.emit()

    def start_when_known(self) -> None:
        """Start, as soon as it is known what is there of a choice that was made just now."""
        self._wanted = self._turn != self._known
        if not self._wanted:
            self.start()

    def read_pictures(self, index: int, places: Collection[Place]) -> None:
        """Read the picture with the number `index` of these cells; `pictures_read` brings them.

        What was read the last time is not read again.
        """
        folders = {place: self.done[place].folder for place in places if place in self.done}
        wanted = {(folder, index) for folder in folders.values()}
        kept = {key: picture for key, picture in self._pictures.items() if key in wanted}

        def work() -> Pictures:
            return {key: kept[key] if key in kept else picture_of(*key) for key in wanted}

        def show(pictures: Pictures) -> None:
            self._pictures = pictures
            found = {place: pictures.get((folder, index)) for place, folder in folders.items()}
            there = {place: picture for place, picture in found.items() if picture is not None}
            self._reading = False
            self.pictures_read.emit(there)
            if self._wish_to_read is not None:
                wish, self._wish_to_read = self._wish_to_read, None
                self.read_pictures(*wish)

        if self._reading:  # cells may come faster than they can be read
            self._wish_to_read = index, places
            return
        self._reading = True
        self._disk.run(work, show, self._on_reading_failed, "Reading the pictures")

    def _on_reading_failed(self, fault: Fault) -> None:
        self._reading = False
        self.failed.emit(fault)

    def _compose(self) -> None:
        """Find out in the background what is chosen, and what is there of it."""
        self._turn += 1
        if self.running:
            self.changed.emit()
            return
        turn, wish = self._turn, self._wish()

        def show(view: View) -> None:
            if turn == self._turn and not self.running:
                self._known = turn
                self._show(view)
                if self._wanted:
                    self._wanted = False
                    self.start()

        self._disk.run(lambda: view_of(wish), show, self.failed.emit, "Reading the sweep")

    def _wish(self) -> Wish:
        base = self.base.settled()
        info = self._info
        if info is not None and self.pinned is None:
            model = base.model.model_copy(update={"sha256": info.sha256})
            base = base.model_copy(update={"model": model})
        base = base.model_copy(update={"seeds": self.choice.seeds})
        return Wish(base, info, self.choice, self._root, self._computed_by)

    def _show(self, view: View) -> None:
        self.view = view
        self.done = dict(view.done)
        self.problems = dict(view.forecast.problems) if view.forecast else {}
        self._places = {}
        if view.sweep is not None:
            for cell in view.sweep.cells(self._computed_by):
                self._places.setdefault(cell.id, []).append(cell.place)
        if view.forecast and view.forecast.nfe and not view.problem and self.seconds is None:
            self._engine.measure_speed(len(self.choice.seeds), self._shape(self.base.settled()))
        self.changed.emit()
        self.cells_changed.emit()

    def _shape(self, recipe: Recipe) -> tuple[int, int, int] | None:
        """Return what the open model would work on, None for what is its own."""
        try:
            return state_shape(recipe, self._info) if self._info else None
        except KnobError:
            return None

    def _on_reopened(self, sweep: Sweep) -> None:
        if self.running:
            return
        self.pinned = sweep.base
        metric = sweep.metrics[0] if sweep.metrics else self.choice.metric
        self.choose(
            axes=sweep.axes,
            seeds=sweep.base.seeds,
            metric=metric,
            against=sweep.against,
            keep_steps=sweep.keep_steps,
        )

    def _on_cell_written(self, id: str, entry: Entry) -> None:
        for place in self._places.get(id, ()):
            self.done[place] = entry
        self.cells_changed.emit()

    def _on_cell_refused(self, place: Place, why: str) -> None:
        self.problems[place] = why
        self.cells_changed.emit()

    def _on_speed_measured(self, path: str, _pictures: int, seconds: float) -> None:
        self._paces[path] = seconds
        self.changed.emit()

    def _conclude(self, ending: CellsEnding) -> None:
        refused = dict(self.problems)
        self._set_running(False)
        self._compose()
        self.problems = refused
