"""The index of takes: a database that can be thrown away, because the folders are the truth."""

import sqlite3
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from studio.atomic import keep_aside
from studio.library.errors import LibraryError, disk_error
from studio.library.scratch import sweep
from studio.library.take import RECIPE_FILE, Take, read_take

FILE = "index.sqlite"

_VERSION = 1
_BATCH = 500
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE takes (
    id TEXT PRIMARY KEY, created REAL NOT NULL, folder TEXT NOT NULL, take TEXT NOT NULL
);
CREATE INDEX newest ON takes (created DESC, id DESC);
PRAGMA user_version = {_VERSION};
COMMIT;
"""
_INSERT = "INSERT OR REPLACE INTO takes VALUES (?, ?, ?, ?)"
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
_TROUBLE = (sqlite3.Error, UnicodeDecodeError)  # SQLite may quote garbage when it complains.


class Index:
    """The takes below a folder, newest first, known without looking into each folder.

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

    def remove(self, id: str) -> None:
        """Forget a take; its folder stays as it is."""
        self._run("DELETE FROM takes WHERE id = ?", (id,))

    def get(self, id: str) -> Take | None:
        """Return a take by its id, or None if there is none."""
        return next(iter(self._takes("WHERE id = ?", (id,))), None)

    def recent(self, limit: int, offset: int = 0) -> list[Take]:
        """Return up to `limit` takes, newest first, after passing over `offset` of them."""
        return self._takes("ORDER BY created DESC, id DESC LIMIT ? OFFSET ?", (limit, offset))

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
            self._database = _connected(self._path)
        except _TROUBLE as error:
            if not _is_damage(error):
                raise
            self._replace()
        else:
            if fresh:
                self._fill("")

    def _replace(self) -> None:
        aside = _set_aside(self._path)
        self._database = _connected(self._path)
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
        return tuple(problems)

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

    def _row(self, take: Take) -> tuple[str, float, str, str]:
        if not take.folder.is_relative_to(self.root):
            raise LibraryError(f"The take in “{take.folder}” does not lie in “{self.root}”.")
        folder = take.folder.relative_to(self.root).as_posix()
        return take.id, take.created.timestamp(), folder, take.to_json()

    def _run(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """Execute one statement; a damaged database is replaced, and the statement tried again."""
        with self._lock:
            try:
                return self._executed(query, values)
            except _TROUBLE as error:
                if not _is_damage(error):
                    raise self._error(error) from error
            self._mend()
            try:
                return self._executed(query, values)
            except _TROUBLE as error:
                raise self._error(error) from error

    def _mend(self) -> None:
        with self._lock:
            self._database.close()
            try:
                self._replace()
            except (OSError, *_TROUBLE) as error:
                raise self._error(error) from error

    def _executed(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        with self._database:
            return self._database.execute(query, values).fetchall()

    def _error(self, error: Exception) -> LibraryError:
        return LibraryError(
            f"The index of takes in “{self.root}” cannot be used: {error}. "
            "Check that the folder can be written, or choose another."
        )


def _connected(path: Path) -> sqlite3.Connection:
    """Open the database, or make a new one where there is none.

    Raises:
        sqlite3.Error: it is damaged, of another version, or cannot be opened.
    """
    if path.is_dir():
        raise sqlite3.DatabaseError("it is a folder")
    fresh = not path.exists()
    database = sqlite3.connect(path, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")  # What a power cut takes is rebuilt.
        if fresh:
            database.executescript(_SCHEMA)
        ((version,),) = database.execute("PRAGMA user_version")
        if version != _VERSION:
            raise sqlite3.DatabaseError(f"it has version {version}, not {_VERSION}")
        database.execute("SELECT count(*) FROM takes").fetchone()
    except _TROUBLE:
        database.close()
        raise
    return database


def _is_damage(error: Exception) -> bool:
    """Tell a database that must be replaced from a disk that is full, read-only or busy."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return not isinstance(error, sqlite3.ProgrammingError)
    return int(code) & 0xFF in _DAMAGE


def _set_aside(path: Path) -> Path:
    """Keep the damaged file with its log; a new one must not find the old log."""
    aside = keep_aside(path)
    for suffix in ("-wal", "-shm"):
        log = path.with_name(path.name + suffix)
        if log.exists():
            log.rename(aside.with_name(aside.name + suffix))
    return aside


def _found(root: Path, problems: list[str]) -> Iterator[Take]:
    for file in sorted(root.glob(f"[0-9]*/*/{RECIPE_FILE}")):
        try:
            yield read_take(file.parent)
        except LibraryError as error:
            problems.append(str(error))
