"""The index of takes: a database that can be thrown away, because the folders are the truth."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from studio.library.errors import LibraryError, disk_error
from studio.library.folders import found, moved
from studio.library.marks import Marks, write_marks
from studio.library.scratch import sweep
from studio.library.search import COLUMNS, match_of, words_of
from studio.library.store import Store
from studio.library.take import RECIPE_FILE, TRAJECTORY_FILE, Take, read_take
from studio.library.tree import BEFORE, GENERATION, ORDER, graft

_BATCH = 500
_COLUMNS = (
    *("id", "created", "folder", "take"),
    *("parent", "root", "place", "touched"),
    *("marks", "starred", "steps"),
)
_INSERT = (
    f"INSERT INTO takes ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in _COLUMNS[1:])}"
)
_WORDS = (
    f"INSERT OR REPLACE INTO words (rowid, {', '.join(COLUMNS)}) "
    f"SELECT rowid, {', '.join('?' * len(COLUMNS))} FROM takes WHERE id = ?"
)
_ALL = "INDEXED BY tree WHERE true"
_FOUND = "INDEXED BY tree WHERE rowid IN (SELECT rowid FROM words WHERE words MATCH ?)"
_HEAVY = "SELECT id, folder, steps FROM takes WHERE steps > 0 AND starred = 0 ORDER BY created"


@dataclass(frozen=True, slots=True)
class Listed:
    """A take in the list, and how many takes it descends from as far as they are here."""

    take: Take
    generation: int


class Index:
    """The takes below a folder, known without looking into each folder.

    They come as trees: the family that grew last comes first, and in it each take is followed by
    those that branched from it, the youngest first.

    Any thread may call; one is served at a time. `note` says for the person what was found wrong
    and what was done about it; it is empty if nothing was. Leftovers of crashes are swept.

    Raises:
        LibraryError: the folder cannot be written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            root.mkdir(parents=True, exist_ok=True)
            sweep(root)
            self._store = Store(root, self._fill)
        except sqlite3.Error as error:
            raise LibraryError(
                f"The index of takes in “{root}” cannot be opened: {error}."
            ) from error
        except OSError as error:
            raise disk_error("index of takes", root, error) from error

    @property
    def note(self) -> str:
        """Return what was found wrong, for the person."""
        return self._store.note

    def add(self, take: Take) -> None:
        """Enter a take that lies below the root.

        Raises:
            LibraryError: it lies elsewhere, or the index cannot be written.
        """
        self.add_all([take])

    def add_all(self, takes: Sequence[Take]) -> None:
        """Enter several takes, as `add` does one."""
        self._enter(self._store, takes)
        for take in takes:
            graft(self._store, take.id)

    def mark(self, take: Take, marks: Marks) -> Take:
        """Write star and tags of a take into its folder and return the take with them.

        Raises:
            LibraryError: the folder or the index cannot be written.
        """
        write_marks(take.folder, marks)
        marked = replace(take, marks=marks)
        values = marks.model_dump_json(), int(marks.starred), take.id
        self._store.run("UPDATE takes SET marks = ?, starred = ? WHERE id = ?", values)
        self._store.run(_WORDS, _worded(marked))
        return marked

    def remove(self, id: str) -> None:
        """Forget a take; its folder stays as it is."""
        self._store.run("DELETE FROM takes WHERE id = ?", (id,))

    def get(self, id: str) -> Take | None:
        """Return a take by its id, or None if there is none."""
        return next((each.take for each in self._takes("WHERE id = ?", (id,))), None)

    def recent(self, limit: int, offset: int = 0, search: str = "") -> list[Listed]:
        """Return up to `limit` takes that `search` finds, after passing over `offset` of them."""
        where, values = _where(search)
        return self._takes(f"{where} {ORDER} LIMIT ? OFFSET ?", (*values, limit, offset))

    def count(self, search: str = "") -> int:
        """Return how many takes there are that `search` finds."""
        match = match_of(search)
        found = "words WHERE words MATCH ?" if match else "takes"
        ((count,),) = self._store.run(f"SELECT count(*) FROM {found}", filter(None, (match,)))
        return int(count)

    def position(self, id: str, search: str = "") -> int | None:
        """Return the row of a take among those that `search` finds, or None if it is none."""
        where, values = _where(search)
        query = f"SELECT touched, root, place FROM takes {where} AND id = ?"
        for touched, root, place in self._store.run(query, (*values, id)):
            before = f"SELECT count(*) FROM takes {where} AND {BEFORE}"
            family = touched, root
            ((count,),) = self._store.run(before, (*values, *family, *family, place))
            return int(count)
        return None

    def steps_size(self) -> int:
        """Return how many bytes all trajectories take."""
        ((size,),) = self._store.run("SELECT coalesce(sum(steps), 0) FROM takes WHERE steps > 0")
        return int(size)

    def oldest_steps(self) -> list[tuple[str, Path, int]]:
        """Return id, folder and bytes of the trajectories without a star, the oldest first."""
        return [(id, self.root / folder, size) for id, folder, size in self._store.run(_HEAVY)]

    def set_steps(self, id: str, size: int) -> None:
        """Note how many bytes the trajectory of a take has now."""
        self._store.run("UPDATE takes SET steps = ? WHERE id = ?", (size, id))

    def version(self) -> int:
        """Return a number that another one follows when somebody else has written."""
        ((version,),) = self._store.run("PRAGMA data_version")
        return int(version)

    def rebuild(self) -> tuple[str, ...]:
        """Read every folder again; return a sentence for each take that cannot be read."""
        self._store.run("DELETE FROM takes")
        return self._fill(self._store)

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def _fill(self, store: Store) -> tuple[str, ...]:
        problems: list[str] = []
        takes = found(self.root, problems)
        while batch := list(islice(takes, _BATCH)):
            self._enter(store, batch)
        branched = "SELECT id FROM takes WHERE parent IS NOT NULL ORDER BY created"
        for (id,) in store.run(branched):
            graft(store, id)
        return tuple(problems)

    def _enter(self, store: Store, takes: Sequence[Take]) -> None:
        rows, words = [self._row(take) for take in takes], [_worded(take) for take in takes]

        def work(database: sqlite3.Connection) -> list[Any]:
            database.executemany(_INSERT, rows)
            database.executemany(_WORDS, words)
            return []

        store.guarded(work)

    def _takes(self, rest: str, values: tuple[Any, ...]) -> list[Listed]:
        query = f"SELECT id, folder, take, marks, length(place) FROM takes {rest}"
        rows = self._store.run(query, values)
        if not all(isinstance(value, str) for row in rows for value in row[:-1]):
            self._store.mend()
            rows = self._store.run(query, values)
        if not all(self._exists(folder) for _, folder, *_ in rows):
            self._follow()
            rows = self._store.run(query, values)
        loaded = ((self._loaded(*row), length // GENERATION) for *row, length in rows)
        return [Listed(take, generation) for take, generation in loaded if take is not None]

    def _loaded(self, id: str, folder: str, text: str, marks: str) -> Take | None:
        """Return a take as the index knows it, or as its folder does if the index is wrong."""
        try:
            known = Take.from_json(self.root / folder, text)
            return replace(known, marks=Marks.model_validate_json(marks))
        except (LibraryError, ValueError):
            self.remove(id)
        try:
            take = read_take(self.root / folder)
        except LibraryError:
            return None
        self.add(take)
        return take

    def _exists(self, folder: str) -> bool:
        return (self.root / folder / RECIPE_FILE).exists()

    def _follow(self) -> None:
        """Find the takes again whose folders the person has moved; forget those that are gone."""
        missing = [
            (id, folder)
            for id, folder in self._store.run("SELECT id, folder FROM takes")
            if not self._exists(folder)
        ]
        places = moved(self.root) if missing else {}
        for id, _ in missing:
            if id in places:
                place = places[id].relative_to(self.root).as_posix()
                self._store.run("UPDATE takes SET folder = ? WHERE id = ?", (place, id))
            else:
                self.remove(id)

    def _row(self, take: Take) -> tuple[Any, ...]:
        if not take.folder.is_relative_to(self.root):
            raise LibraryError(f"The take in “{take.folder}” does not lie in “{self.root}”.")
        folder = take.folder.relative_to(self.root).as_posix()
        created, marks = take.created.timestamp(), take.marks.model_dump_json()
        family = take.parent, take.id, "", created
        extra = marks, int(take.marks.starred), _size(take.folder / TRAJECTORY_FILE)
        return take.id, created, folder, take.to_json(), *family, *extra


def _where(search: str) -> tuple[str, tuple[str, ...]]:
    match = match_of(search)
    return (_FOUND, (match,)) if match else (_ALL, ())


def _worded(take: Take) -> tuple[str, ...]:
    words = words_of(take)
    return *(words[column] for column in COLUMNS), take.id


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
