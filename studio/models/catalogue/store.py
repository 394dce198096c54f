"""The catalogue on disk, so that a picker opens at once: SQLite, which can be made anew."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from studio.models.catalogue.entry import Entry
from studio.models.registry import all_formats
from studio.version import studio_version

VERSION = 1
_SCHEMA = f"""
CREATE TABLE entries (path TEXT PRIMARY KEY, made_by TEXT NOT NULL, data TEXT NOT NULL);
PRAGMA user_version = {VERSION};
"""


class CatalogueStore:
    """Keep entries by path; for one thread at a time.

    What cannot be read or written is passed over: everything here can be found again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._made_by = f"{studio_version()} {' '.join(f.__name__ for f in all_formats())}"  # type: ignore[attr-defined]

    def read(self) -> dict[str, Entry]:
        """Return every entry by its path.

        One that another version made looks changed, so that the next search examines it again.
        """
        try:
            with closing(self._connected()) as database:
                rows = database.execute("SELECT made_by, data FROM entries").fetchall()
        except (sqlite3.Error, OSError):
            self._drop()
            return {}
        found: dict[str, Entry] = {}
        for made_by, data in rows:
            with suppress(ValueError, RecursionError):
                loaded = json.loads(data)
                if made_by != self._made_by and isinstance(loaded, dict):
                    loaded["changed"] = -1
                entry = Entry.from_data(loaded)
                found[entry.path] = entry
        return found

    def write(self, entries: Iterable[Entry], gone: Iterable[str] = ()) -> None:
        """Keep entries and forget the paths that are `gone`."""
        rows = [
            (each.path, self._made_by, json.dumps(each.to_data(), ensure_ascii=True))
            for each in entries
        ]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connected()) as database, database:
                database.executemany("DELETE FROM entries WHERE path = ?", [(p,) for p in gone])
                database.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)
        except (sqlite3.Error, OSError, UnicodeEncodeError):
            return

    def _connected(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self._path)
        try:
            ((version,),) = database.execute("PRAGMA user_version")
            if version != VERSION:
                database.executescript(f"DROP TABLE IF EXISTS entries; {_SCHEMA}")
        except BaseException:
            database.close()
            raise
        return database

    def _drop(self) -> None:
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
