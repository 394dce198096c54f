"""The index of takes: a database that can be thrown away, because the folders are the truth."""

import sqlite3
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from studio.library.database import TROUBLE, Outdated, connected, is_damage, remove, set_aside
from studio.library.errors import LibraryError, disk_error
from studio.library.scratch import sweep
from studio.library.take import RECIPE_FILE, Take, read_take

FILE = "index.sqlite"

_BATCH = 500
_COLUMNS = "id, created, folder, take, parent, root, place, touched"
_INSERT = f"INSERT OR REPLACE INTO takes ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_TREE = "ORDER BY touched DESC, root DESC, place LIMIT ? OFFSET ?"
_GENERATION = 30  # letters of a place for each generation
_LATEST = 10**17 - 1  # microseconds that count backwards, so that younger siblings come first


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
        self.note = ""
        self._path = root / FILE
        self._lock = threading.RLock()
        try:
            root.mkdir(parents=True, exist_ok=True)
            sweep(root)
            self._open()
        except sqlite3.Error as error:
            raise self._error(error) from error
        except OSError as error:
            raise disk_error("index of takes", root, error) from error

    def add(self, take: Take) -> None:
        """Enter a take that lies below the root.

        Raises:
            LibraryError: it lies elsewhere, or the index cannot be written.
        """
        self._run(_INSERT, self._row(take))
        self._graft(take.id)

    def remove(self, id: str) -> None:
        """Forget a take; its folder stays as it is."""
        self._run("DELETE FROM takes WHERE id = ?", (id,))

    def get(self, id: str) -> Take | None:
        """Return a take by its id, or None if there is none."""
        return next(iter(self._takes("WHERE id = ?", (id,))), None)

    def recent(self, limit: int, offset: int = 0) -> list[Take]:
        """Return up to `limit` takes after passing over `offset` of them."""
        return self._takes(_TREE, (limit, offset))

    def generations(self, limit: int, offset: int = 0) -> list[int]:
        """Return for each of the same takes how many it descends from; 0 for the first."""
        rows = self._run(f"SELECT length(place) FROM takes {_TREE}", (limit, offset))
        return [int(length) // _GENERATION for (length,) in rows]

    def count(self) -> int:
        """Return how many takes there are."""
        ((count,),) = self._run("SELECT count(*) FROM takes")
        return int(count)

    def rebuild(self) -> tuple[str, ...]:
        """Read every folder again; return a sentence for each take that cannot be read."""
        self._run("DELETE FROM takes")
        try:
            return self._read_folders()
        except sqlite3.Error as error:
            raise self._error(error) from error

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._database.close()

    def _open(self) -> None:
        fresh = not self._path.exists()
        try:
            self._database = connected(self._path)
        except Outdated:
            remove(self._path)
            self._database, fresh = connected(self._path), True
        except TROUBLE as error:
            if not is_damage(error):
                raise
            self._replace()
            return
        if fresh:
            self._fill("")

    def _replace(self) -> None:
        aside = set_aside(self._path)
        self._database = connected(self._path)
        self._fill(f"The index of takes was damaged: it is kept as “{aside.name}” and made anew.")

    def _fill(self, note: str) -> None:
        problems = self._read_folders()
        if problems:
            note += f" Takes that could not be read: {len(problems)}. The first: {problems[0]}"
        self.note = note.strip()

    def _read_folders(self) -> tuple[str, ...]:
        problems: list[str] = []
        takes = _found(self.root, problems)
        while batch := [self._row(take) for take in islice(takes, _BATCH)]:
            with self._lock, self._database:
                self._database.executemany(_INSERT, batch)
        branched = "SELECT id FROM takes WHERE parent IS NOT NULL ORDER BY created"
        for (id,) in self._run(branched):
            self._graft(id)
        return tuple(problems)

    def _graft(self, id: str) -> None:
        """Put a take below its parent, if that is here, and its offspring below it."""
        todo, seen = [id], set[str]()
        while todo:
            each = todo.pop()
            if each not in seen:  # a circle of parents can only be written by hand
                seen.add(each)
                self._join(each)
                children = self._run("SELECT id FROM takes WHERE parent = ?", (each,))
                todo += [child for (child,) in children]

    def _join(self, id: str) -> None:
        query = "SELECT parent, root, place, created, touched FROM takes WHERE id = ?"
        ((parent, _, _, created, touched),) = self._run(query, (id,))
        found = self._run(query, (parent,)) if parent else []
        if not found or found[0][1] == id:
            return
        _, root, stem, _, family = found[0]
        place = f"{stem}{_LATEST - int(created * 1e6):017d}.{id}"
        self._run("UPDATE takes SET root = ?, place = ? WHERE id = ?", (root, place, id))
        newest = max(family, touched)
        self._run("UPDATE takes SET touched = ? WHERE root = ?", (newest, root))

    def _takes(self, rest: str, values: tuple[Any, ...]) -> list[Take]:
        query = f"SELECT id, folder, take FROM takes {rest}"
        rows = self._run(query, values)
        if not all(isinstance(value, str) for row in rows for value in row):
            self._mend()
            rows = self._run(query, values)
        if not all(self._exists(folder) for _, folder, _ in rows):
            self._forget_missing()
            rows = self._run(query, values)
        loaded = (self._loaded(*row) for row in rows)
        return [take for take in loaded if take is not None]

    def _loaded(self, id: str, folder: str, text: str) -> Take | None:
        """Return a take as the index knows it, or as its folder does if the index is wrong."""
        try:
            return Take.from_json(self.root / folder, text)
        except LibraryError:
            self.remove(id)
        try:
            take = read_take(self.root / folder)
        except LibraryError:
            return None
        self.add(take)
        return take

    def _exists(self, folder: str) -> bool:
        return (self.root / folder / RECIPE_FILE).exists()

    def _forget_missing(self) -> None:
        """Forget the takes whose folders the person has deleted or moved."""
        for id, folder in self._run("SELECT id, folder FROM takes"):
            if not self._exists(folder):
                self.remove(id)

    def _row(self, take: Take) -> tuple[Any, ...]:
        if not take.folder.is_relative_to(self.root):
            raise LibraryError(f"The take in “{take.folder}” does not lie in “{self.root}”.")
        folder = take.folder.relative_to(self.root).as_posix()
        created = take.created.timestamp()
        return take.id, created, folder, take.to_json(), take.parent, take.id, "", created

    def _run(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """Execute one statement; a damaged database is replaced, and the statement tried again."""
        with self._lock:
            try:
                return self._executed(query, values)
            except TROUBLE as error:
                if not is_damage(error):
                    raise self._error(error) from error
            self._mend()
            try:
                return self._executed(query, values)
            except TROUBLE as error:
                raise self._error(error) from error

    def _mend(self) -> None:
        with self._lock:
            self._database.close()
            try:
                self._replace()
            except (OSError, *TROUBLE) as error:
                raise self._error(error) from error

    def _executed(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        with self._database:
            return self._database.execute(query, values).fetchall()

    def _error(self, error: Exception) -> LibraryError:
        return LibraryError(
            f"The index of takes in “{self.root}” cannot be used: {error}. "
            "Check that the folder can be written, or choose another."
        )


def _found(root: Path, problems: list[str]) -> Iterator[Take]:
    for file in sorted(root.glob(f"[0-9]*/*/{RECIPE_FILE}")):
        try:
            yield read_take(file.parent)
        except LibraryError as error:
            problems.append(str(error))
