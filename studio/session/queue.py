"""Jobs that wait: in an order, kept in a file, one sampled after another."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from PySide6.QtCore import QObject, Signal

from studio.atomic import write_atomically
from studio.engine.background import Background
from studio.library import Recipe
from studio.library.take import new_id

FILE = "queue.json"
MOST = 10_000
_MOST_BYTES = 64 * 2**20


class Waiting(BaseModel):
    """A recipe that waits to be sampled."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Annotated[str, Field(min_length=1, max_length=32)]
    recipe: Recipe


class _File(BaseModel):
    items: Annotated[tuple[Waiting, ...], Field(max_length=MOST)] = ()


class Queue(QObject):
    """Hold the jobs in their order; each change is written to a file, so that none is lost.

    They go on by themselves unless they are `held`. What is being sampled stays the first until it
    has ended: a crash loses no job. Jobs from an earlier time are held until the person lets them
    go on.
    """

    changed = Signal()

    def __init__(self, folder: Path, disk: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path, self._disk = folder / FILE, disk
        self._file = _read(self._path)
        self.held = bool(self._file.items)
        self.forever = False

    @property
    def items(self) -> tuple[Waiting, ...]:
        """Return the jobs, the next one first."""
        return self._file.items

    def add(self, recipe: Recipe) -> None:
        """Put a recipe at the end."""
        self._set((*self.items, Waiting(id=new_id(), recipe=recipe))[:MOST])

    def remove(self, id: str) -> None:
        """Take a job out."""
        self._set(tuple(item for item in self.items if item.id != id))

    def move(self, id: str, places: int) -> None:
        """Move a job some places down, or up where negative."""
        ids = [item.id for item in self.items]
        if id in ids:
            here = ids.index(id)
            rest = [item for item in self.items if item.id != id]
            place = max(0, min(here + places, len(rest)))
            self._set((*rest[:place], self.items[here], *rest[place:]))

    def repeat(self, id: str, seeds: Callable[[int], tuple[int, ...]]) -> None:
        """Put a job in once more, behind itself, with the seeds that `seeds(count)` returns."""
        for place, item in enumerate(self.items):
            if item.id == id:
                recipe = item.recipe.reseeded(seeds(len(item.recipe.seeds)))
                again = Waiting(id=new_id(), recipe=recipe)
                self._set((*self.items[: place + 1], again, *self.items[place + 1 :])[:MOST])
                return

    def hold(self, held: bool) -> None:
        """Let the jobs wait, or go on."""
        if held != self.held:
            self.held = held
            self.changed.emit()

    def set_forever(self, on: bool) -> None:
        """Say whether the recipe is sampled with new seeds again and again when nothing waits."""
        if on != self.forever:
            self.forever = on
            self.changed.emit()

    def _set(self, items: tuple[Waiting, ...]) -> None:
        self._file = _File.model_construct(items=items)
        self.held = self.held and bool(items)
        text, path = self._file.model_dump_json().encode(), self._path
        self._disk.run(
            lambda: _write(path, text), lambda _: None, lambda _: None, "Saving the queue"
        )
        self.changed.emit()


def _write(path: Path, text: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text)


def _read(path: Path) -> _File:
    """Return what is in the file; nothing where it is missing or damaged."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return _File()
        return _File.model_validate_json(path.read_bytes())
    except (OSError, ValidationError, ValueError):
        return _File()
