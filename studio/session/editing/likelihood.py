"""The list of pictures whose likelihood is measured, and what was found."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from studio.diffusion import KnobError, Value
from studio.diffusion.likelihood import EXACT_LIMIT
from studio.engine.background import Background
from studio.engine.errands.results import Measured
from studio.library.writing import write_file
from studio.session.editing.base import base_recipe
from studio.session.editing.entry import Entry, Mean, mean_of
from studio.session.editing.likelihood_knobs import BOUND, KNOBS
from studio.session.editing.of_take import subjects_of
from studio.session.editing.subjects import Subject, read_all
from studio.session.editing.task_desk import TaskDesk
from studio.session.editing.words import pictures_said

if TYPE_CHECKING:
    from studio.engine.engine import Engine
    from studio.engine.errands.errand import Errand
    from studio.session.editor import RecipeEditor
    from studio.session.modeldesk import ModelDesk
    from studio.session.sampling import Shown

OWN = -2
"""The class that each picture has in its own set."""
_POINTS = (
    "The open model works on points in the plane: generate some in the Sample tab, then add the "
    "take. For pictures, open a model of pictures (Ctrl+O)."
)
_Key = tuple[str, tuple[tuple[str, Value], ...]]
_HEAD = (
    *("picture", "bits_per_dim", "standard_error", "bound", "bound_error", "truth", "nats"),
    *("dims", "nfe", "seconds", "unit", "remark"),
)


class LikelihoodDesk(TaskDesk):
    """Hold pictures and settings; figures belong to the settings with which they were found.

    Who goes back to earlier settings, or to an earlier model, finds its figures again.
    """

    entry_changed = Signal(int)  # its row
    list_changed = Signal()
    reading_changed = Signal(bool)

    def __init__(
        self,
        engine: Engine,
        models: ModelDesk,
        editor: RecipeEditor,
        disk: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(engine, models, editor, disk, parent)
        self.values: dict[str, Value] = {knob.id: knob.default for knob in KNOBS}
        self.label = -1
        self.reading = False
        self._subjects: list[Subject] = []
        self._known: dict[tuple[Subject, _Key], Measured] = {}
        self._asked: tuple[list[Subject], _Key] = ([], ("", ()))

    # The list

    @property
    def entries(self) -> list[Entry]:
        """Return a row for every picture, with what is known of it at these settings."""
        key = self._key
        return [self._entry(subject, key) for subject in self._subjects]

    @property
    def mean(self) -> Mean | None:
        """Return the mean over what is measured, or None."""
        return mean_of(self.entries)

    def entry(self, row: int) -> Entry:
        """Return one row."""
        return self._entry(self._subjects[row], self._key)

    def add(self, subjects: Sequence[Subject]) -> None:
        """Put pictures at the end of the list."""
        self._subjects += subjects
        self._tell_list()

    def add_whole(self, subjects: Sequence[Subject]) -> None:
        """Put pictures of any size at the end of the list."""
        size = self.size
        if size is None or self.refused:
            self.noted.emit(self.refused)
        else:
            self.add([subject.for_model(size) for subject in subjects])

    def add_shown(self, shown: Shown) -> None:
        """Put the final pictures, or points, of a run or a take at the end of the list."""
        size, info = self.size, self.info
        if size is None:
            return
        self._set_reading(True)
        self._disk.run(
            lambda: (subjects_of(shown, size, info), []),
            self._on_read,
            self._on_unread,
            "Reading the take",
        )

    def add_files(self, paths: Sequence[Path]) -> None:
        """Read pictures, folders and sets, and put them at the end of the list."""
        size = self.size
        if size is None or self.refused:
            self.noted.emit(self.refused)
            return
        self._set_reading(True)
        self._disk.run(
            lambda: read_all(paths, size), self._on_read, self._on_unread, "Reading pictures"
        )

    def remove(self, rows: Sequence[int]) -> None:
        """Take rows off the list."""
        gone = {self._subjects[row] for row in rows}
        self._subjects = [subject for subject in self._subjects if subject not in gone]
        self._known = {place: f for place, f in self._known.items() if place[0] not in gone}
        self._tell_list()

    def clear(self) -> None:
        """Take all off the list."""
        self.remove(range(len(self._subjects)))

    @property
    def refused(self) -> str:
        """Return why no pictures can be added now, or nothing."""
        if self.info is None:
            return f"{super().problem} Pictures are read in its size."
        return _POINTS if self.info.planar else ""

    # Settings

    @property
    def choices(self) -> dict[str, Any]:
        """Return what was chosen, to be remembered."""
        return dict(self.values)

    def recall(self, choices: Mapping[str, Any]) -> None:
        """Take over what was chosen at an earlier time, as far as it still means something."""
        for knob in KNOBS:
            with suppress(KnobError):
                self.values[knob.id] = knob.check(choices.get(knob.id, knob.default))

    def choose(self, name: str, value: Value) -> None:
        """Set one of the knobs, or the class (“label”)."""
        if name == "label":
            self.label = int(value)
        else:
            self.values[name] = value
        self.list_changed.emit()
        self.changed.emit()

    @property
    def problem(self) -> str:
        """Return why nothing can be measured now, or nothing."""
        if why := super().problem:
            return why
        if self.reading:
            return "Pictures are being read."
        if not self._subjects:
            return "Add pictures first."
        if not self._todo():
            return "Every picture of the list has its figures."
        return self._too_large()

    def _too_large(self) -> str:
        """Return why the exact trace is out of reach, or nothing."""
        many = prod(self.info.shape) if self.info is not None else 0
        if self.values["divergence"] != "exact" or many <= EXACT_LIMIT:
            return ""
        return (
            f"The exact trace takes an evaluation for each of {many:,} values, and at most "
            f"{EXACT_LIMIT} are taken. Choose Hutchinson, with repeats for an error bar."
        )

    @property
    def outlook(self) -> str:
        """Return what is to be done in words."""
        return f"{pictures_said(len(self._todo()))} to measure"

    # Measuring

    def start(self) -> None:
        """Measure the pictures that have no figures at these settings."""
        if not self.problem and not self.running:
            todo = self._todo()
            self._asked = (todo, self._key)
            self._submit(self._wish(todo))

    def csv(self, rows: Sequence[int] | None = None) -> str:
        """Return the list as CSV, in the order of `rows` if they are given."""
        lines = io.StringIO()
        table = csv.writer(lines, lineterminator="\n")
        settings = tuple(self.values)
        table.writerow((*_HEAD, "model", *settings))
        name = self.info.name if self.info is not None else ""
        entries = self.entries
        for row in range(len(entries)) if rows is None else rows:
            table.writerow((*_cells(entries[row]), name, *self.values.values()))
        return lines.getvalue()

    def save(self, path: Path, rows: Sequence[int] | None = None) -> None:
        """Write the list as CSV.

        Raises:
            LibraryError: the file cannot be written.
        """
        write_file(path, self.csv(rows).encode(), "table")

    def _wish(self, subjects: Sequence[Subject]) -> Errand:
        from studio.engine.errands.likelihood import Likelihood

        recipe = self._editor.recipe
        base = base_recipe(recipe, "heun", recipe.steps, -1)
        knobs = {name: value for name, value in self.values.items() if name != BOUND.id}
        return Likelihood(
            base,
            tuple(s.pixels if s.data is None else s.data for s in subjects),
            tuple(s.name for s in subjects),
            knobs,
            labels=tuple(self._label_of(subject) for subject in subjects),
            bound=bool(self.values[BOUND.id]),
        )

    def _label_of(self, subject: Subject) -> int:
        own = -1 if subject.label is None else subject.label
        return own if self.label == OWN else self.label

    def _found(self, found: Any) -> None:
        if isinstance(found, Measured):
            self._keep(found.index, found)

    def _todo(self) -> list[Subject]:
        key = self._key
        return [subject for subject in self._subjects if (subject, key) not in self._known]

    @property
    def _key(self) -> _Key:
        path = self.info.path if self.info is not None else ""
        return path, (*sorted(self.values.items()), ("label", self.label))

    def _entry(self, subject: Subject, key: _Key) -> Entry:
        return Entry(subject, self._known.get((subject, key)))

    def _keep(self, index: int, found: Measured) -> None:
        subjects, key = self._asked
        subject = subjects[index]
        self._known[subject, key] = found
        for row, each in enumerate(self._subjects):
            if each is subject:
                self.entry_changed.emit(row)

    def _on_read(self, read: tuple[list[Subject], list[str]]) -> None:
        subjects, remarks = read
        self._set_reading(False)
        self.add([subject for subject in subjects if self._fits(subject)])
        if len(subjects) and not any(map(self._fits, subjects)):
            remarks = [*remarks, "They are of another model: open that one first."]
        if remarks:
            self.noted.emit(" ".join(remarks))

    def _on_unread(self, fault: object) -> None:
        self._set_reading(False)
        self.failed.emit(fault)

    def _set_reading(self, reading: bool) -> None:
        self.reading = reading
        self.reading_changed.emit(reading)
        self.changed.emit()

    def _fits(self, subject: Subject) -> bool:
        """Tell whether the open model works on such pictures, or points."""
        info = self.info
        return info is not None and info.planar == (subject.data is not None)

    def _tell_list(self) -> None:
        self.list_changed.emit()
        self.changed.emit()


def _cells(entry: Entry) -> tuple[object, ...]:
    found = entry.measured
    if found is None:
        return (entry.subject.name, *[""] * (len(_HEAD) - 1))
    maybe = (found.error, found.bound, found.bound_error, found.truth)
    known = ("" if figure is None else figure for figure in maybe)
    cost = (found.nats, found.dims, found.nfe, round(found.seconds, 3), found.unit, found.remark)
    return (found.name, found.bits, *known, *cost)
