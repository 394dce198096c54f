"""The database behind the index: its tables, how it is opened, and when it counts as damaged."""

import sqlite3
from pathlib import Path

from studio.atomic import keep_aside
from studio.library.search import COLUMNS

VERSION = 4
SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE takes (
    id TEXT PRIMARY KEY, created REAL NOT NULL, folder TEXT NOT NULL, take TEXT NOT NULL,
    parent TEXT, root TEXT NOT NULL, place TEXT NOT NULL, touched REAL NOT NULL,
    marks TEXT NOT NULL, starred INTEGER NOT NULL, steps INTEGER NOT NULL
);
CREATE VIRTUAL TABLE words USING fts5 ({", ".join(COLUMNS)});
CREATE TRIGGER forgotten AFTER DELETE ON takes BEGIN
    DELETE FROM words WHERE rowid = old.rowid;
END;
CREATE INDEX tree ON takes (touched DESC, root DESC, place);
CREATE INDEX kin ON takes (parent);
CREATE INDEX family ON takes (root);
CREATE INDEX weight ON takes (starred, created, steps) WHERE steps > 0;
PRAGMA user_version = {VERSION};
COMMIT;
"""
"""A row is a take. `root` is the first of its family, `place` the way down to it from there, and
`touched` when the family last grew: by these the families come newest first, each as a tree.
`steps` counts the bytes of its trajectory. Its words have the same rowid."""

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
_CLOSED = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
TROUBLE = (sqlite3.Error, UnicodeDecodeError)  # SQLite may quote garbage when it complains.


class Outdated(Exception):  # noqa: N818 - a reason to make it anew, which nobody has to hear of
    """The database is one of an earlier version."""


def connected(path: Path) -> sqlite3.Connection:
    """Open the database, or make a new one where there is none.

    Raises:
        Outdated: it is of an earlier version.
        sqlite3.Error: it is damaged, of a later version, or cannot be opened.
    """
    if path.is_dir():
        raise sqlite3.DatabaseError("it is a folder")
    fresh = not path.exists()
    database = sqlite3.connect(path, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")  # What a power cut takes is rebuilt.
        if fresh:
            database.executescript(SCHEMA)
        ((version,),) = database.execute("PRAGMA user_version")
        if 0 < version < VERSION:
            raise Outdated
        if version != VERSION:
            raise sqlite3.DatabaseError(f"it has version {version}, not {VERSION}")
        database.execute("SELECT count(*) FROM takes").fetchone()
    except (Outdated, *TROUBLE):
        database.close()
        raise
    return database


def in_memory() -> sqlite3.Connection:
    """Return an empty database that lasts as long as it is open."""
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.executescript(SCHEMA)
    return database


def is_damage(error: Exception) -> bool:
    """Tell a database that must be replaced from a disk that is full, read-only or busy."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return not isinstance(error, sqlite3.ProgrammingError)
    return int(code) & 0xFF in _DAMAGE


def is_closed(error: Exception) -> bool:
    """Tell a folder into which nothing may be written."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _CLOSED


def set_aside(path: Path) -> Path:
    """Keep the damaged file with its log; a new one must not find the old log."""
    aside = keep_aside(path)
    for suffix in ("-wal", "-shm"):
        log = path.with_name(path.name + suffix)
        if log.exists():
            log.rename(aside.with_name(aside.name + suffix))
    return aside


def remove(path: Path) -> None:
    """Delete the database with its log."""
    for each in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))):
        each.unlink(missing_ok=True)
