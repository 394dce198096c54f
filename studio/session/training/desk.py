"""The training runs of the window: which there are, how they stand, and what they are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.background import Background
from studio.engine.fault import Fault
from studio.engine.launcher import Exit
from studio.models.checkpoints import RUN_FILE
from studio.preferences import Settings
from studio.session.training.details import Details
from studio.session.training.standing import Standing
from studio.session.training.watch import Look, Watch

POLL_MS = 1000
_MOST_HIDDEN = 1000
_Wish = tuple[tuple[str, ...], tuple[str, ...], Path | None]  # runs, hidden ones, the one in sight
_REACHED = {"pause": ("paused",), "resume": ("running", "waiting"), "stop": ()}


class TrainingDesk(QObject):
    """Follow run folders from a thread of its own; trainers go on when the window is closed.

    `remember(**changes)` keeps settings.
    """

    changed = Signal()
    """The runs may stand otherwise, or other details are there."""
    first_look = Signal(int)
    """The runs were looked at for the first time since the window opened: how many are alive."""
    failed = Signal(object)  # Fault
    noted = Signal(str)

    def __init__(
        self,
        root: Path,
        settings: Callable[[], Settings],
        remember: Callable[..., None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings, self._remember = settings, remember
        self.background = Background(self)
        self.watch = Watch(root)
        self.standings: tuple[Standing, ...] = ()
        self.details: Details | None = None
        self.selected: Path | None = None
        self.looked = False
        self._asked: dict[Path, str] = {}
        self._starting: set[Path] = set()
        self._looking = self._again = False
        self._complained = ""
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Look at the runs now, and every second."""
        self._timer.start()
        self.look()

    def close(self) -> None:
        """Look no more, and leave the trainers to themselves."""
        self._timer.stop()
        self.background.close()
        self.watch.launcher.let_go()

    # What there is

    @property
    def root(self) -> Path:
        """Return the folder in which new runs are made."""
        return self.watch.root

    @property
    def standing(self) -> Standing | None:
        """Return how the run stands that is looked at."""
        return self.find(self.selected) if self.selected else None

    @property
    def training(self) -> int:
        """Return how many runs have a trainer at work."""
        return sum(standing.alive for standing in self.standings)

    def find(self, folder: Path) -> Standing | None:
        """Return how a run stands, None where it is not in the list."""
        return next((each for each in self.standings if each.folder == folder), None)

    def select(self, folder: Path | None) -> None:
        """Look at a run."""
        if folder != self.selected:
            self.selected, self.details = folder, None
            self.changed.emit()
            self.look()

    def look(self) -> None:
        """Read the run folders; where that is being done, once more after that."""
        self._again = self._looking
        if self._looking:
            return
        self._looking = True
        wish = self._wish()
        runs, hidden, selected = wish
        others, without = [Path(path) for path in runs], [Path(path) for path in hidden]
        self.background.run(
            lambda: self.watch.look(others, without, selected),
            partial(self._on_looked, wish),
            self._on_look_failed,
            "Reading the training runs",
        )

    def _wish(self) -> _Wish:
        """Return what is to be looked at."""
        settings = self._settings()
        return settings.runs, settings.hidden_runs, self.selected

    def open(self, folder: Path) -> None:
        """Put a run folder into the list and look at it; one that is none is refused in words."""
        folder = folder.absolute()
        if not (folder / RUN_FILE).is_file():
            fault = Fault(
                f"“{folder.name}” is no training run.",
                f"A run is a folder with a {RUN_FILE} in it. To learn from pictures, press New.",
            )
            self.failed.emit(fault)
            return
        settings, path = self._settings(), str(folder)
        hidden = tuple(each for each in settings.hidden_runs if each != path)
        known = folder.parent == self.root or path in settings.runs
        runs = settings.runs if known else (*settings.runs, path)
        self._remember(runs=runs, hidden_runs=hidden)
        self.select(folder)

    def leave_out(self, folder: Path) -> None:
        """Take a run out of the list; its files stay where they are."""
        settings, path = self._settings(), str(folder)
        runs = tuple(each for each in settings.runs if each != path)
        inside = folder.parent == self.root
        hidden = (*settings.hidden_runs, path)[-_MOST_HIDDEN:] if inside else settings.hidden_runs
        self._remember(runs=runs, hidden_runs=hidden)
        self.standings = tuple(each for each in self.standings if each.folder != folder)
        if folder == self.selected:
            self.selected = self.standings[0].folder if self.standings else None
            self.details = None
        self.changed.emit()

    # What is done

    def train(self, folder: Path) -> None:
        """Start a run, or go on with it."""
        self._asked.pop(folder, None)
        self._starting.add(folder)
        self._mark()

        def over() -> None:
            self._starting.discard(folder)
            self.look()

        def failed(fault: Fault) -> None:
            self.failed.emit(fault)
            over()

        doing = f"Starting “{folder.name}”"
        self.background.run(lambda: self.watch.train(folder), lambda _none: over(), failed, doing)

    def look_at_pictures(self, folder: Path) -> None:
        """Have the pictures of a run read, to see what the network will see."""
        self._do(lambda: self.watch.launcher.look(folder), "Looking at the pictures")

    def export(self, folder: Path, file: Path) -> None:
        """Write the newest model of a run to a file, in half precision."""
        self._do(lambda: self.watch.launcher.export(folder, file), "Exporting the model")

    def tell(self, folder: Path, command: str) -> None:
        """Tell the trainer of a run: stop, pause, resume, save or sample."""
        if command in _REACHED:
            self._asked[folder] = command
        self._do(partial(_send, folder, command), f"Telling “{folder.name}”")
        self._mark()

    def _do(self, work: Callable[[], None], doing: str) -> None:
        self.background.run(work, lambda _none: self.look(), self.failed.emit, doing)

    # What comes of it

    def _on_looked(self, wish: _Wish, look: Look) -> None:
        self._looking = False
        now = self._wish()
        if self._again or wish != now:
            self.look()
        if wish[:2] == now[:2]:  # else the list is another one by now
            self._take_in(look, wish[2])
        for each in look.exits:
            self._on_exit(each)

    def _take_in(self, look: Look, selected: Path | None) -> None:
        self.standings = look.standings
        self._forget_done()
        if selected is not None and selected == self.selected:
            there = self.find(selected) is not None
            self.selected = selected if there else None  # its folder was deleted
            self.details = look.details if there else None
        if self.selected is None and self.standings:
            self.select(self.standings[0].folder)
        first, self.looked = not self.looked, True
        self._mark()
        if first:
            self.first_look.emit(self.training)

    def _on_look_failed(self, fault: Fault) -> None:
        self._looking = False
        if str(fault) != self._complained:  # it would be said every second
            self._complained = str(fault)
            self.failed.emit(fault)

    def _on_exit(self, ended: Exit) -> None:
        if ended.code == 0:
            if ended.kind == "export":
                self.noted.emit(f"The model of “{ended.folder.name}” is {ended.words}")
            return
        standing = self.find(ended.folder)
        words = ended.words or "It said nothing."
        if ended.kind == "look":
            self.failed.emit(Fault(f"The pictures of “{ended.folder.name}” cannot be used.", words))
        elif ended.kind == "export":
            self.failed.emit(Fault(f"The model of “{ended.folder.name}” is not exported.", words))
        elif standing is None or not standing.alive:
            self.failed.emit(Fault(f"The run “{ended.folder.name}” has ended.", words))

    def _mark(self) -> None:
        """Let the runs stand as they will, once they have done what was asked."""
        self.standings = tuple(
            replace(
                each,
                asked=self._asked.get(each.folder, ""),
                state="starting" if each.folder in self._starting else each.state,
            )
            for each in self.standings
        )
        self.changed.emit()

    def _forget_done(self) -> None:
        """Tell a trainer again what it has not done: while it starts, it hears nothing."""
        for folder, command in list(self._asked.items()):
            standing = self.find(folder)
            if standing is None or not standing.alive or standing.state in _REACHED[command]:
                del self._asked[folder]
            else:
                self.background.run(
                    partial(_send, folder, command), lambda _none: None, lambda _fault: None
                )


def _send(folder: Path, command: str) -> None:
    from studio.training.run_folder.commands import send

    send(folder, command)
