"""The database of the index as something that mends itself: damage is set aside and made anew."""

import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from studio.library.database import (
    TROUBLE,
    Outdated,
    connected,
    in_memory,
    is_closed,
    is_damage,
    remove,
    set_aside,
)
from studio.library.errors import LibraryError

FILE = "index.sqlite"


class Store:
    """Serve one statement at a time, from any thread; in memory where no file can be made.

    `fill(store)` enters what the folders hold into an empty database and returns a sentence for
    each take that cannot be read. `note` says for the person what was found wrong and what was done
    about it; it is empty if nothing was.

    Raises:
        sqlite3.Error, OSError: the database cannot be opened.
    """

    def __init__(self, root: Path, fill: Callable[["Store"], tuple[str, ...]]) -> None:
        self.note = ""
        self._root, self._path, self._fill = root, root / FILE, fill
        self._lock = threading.RLock()
        self._open()

    def run(self, query: str, values: Iterable[Any] = ()) -> list[Any]:
        """Execute one statement; a damaged database is replaced, and the statement tried again.

        Raises:
            LibraryError: the database cannot be used.
        """
        return self.guarded(lambda database: database.execute(query, tuple(values)).fetchall())

    def guarded(self, work: Callable[[sqlite3.Connection], list[Any]]) -> list[Any]:
        """Do several things in one transaction, as `run` does one."""
        with self._lock:
            try:
                return self._done(work)
            except TROUBLE as error:
                if not is_damage(error):
                    raise self.error(error) from error
            self.mend()
            try:
                return self._done(work)
            except TROUBLE as error:
                raise self.error(error) from error

    def mend(self) -> None:
        """Set the database aside and make a new one.

        Raises:
            LibraryError: that is not possible.
        """
        with self._lock:
            self._database.close()
            try:
                self._replace()
            except (OSError, *TROUBLE) as error:
                raise self.error(error) from error

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._database.close()

    def error(self, error: Exception) -> LibraryError:
        """Return what to tell the person about a database that cannot be used."""
        return LibraryError(
            f"The index of takes in “{self._root}” cannot be used: {error}. "
            "Check that the folder can be written, or choose another."
        )

    def _done(self, work: Callable[[sqlite3.Connection], list[Any]]) -> list[Any]:
        with self._database:
            return work(self._database)

    def _open(self) -> None:
        fresh = not self._path.exists()
        try:
            self._database = connected(self._path)
        except Outdated:
            remove(self._path)
            self._database, fresh = connected(self._path), True
        except TROUBLE as error:
            if is_damage(error):
                self._replace()
            elif is_closed(error):
                self._do_without()
            else:
                raise
            return
        if fresh:
            self._note("")

    def _do_without(self) -> None:
        """Read the folders into memory where no file can be made beside them."""
        self._database = in_memory()
        self._note(
            f"Nothing can be written to “{self._root}”: its takes can be looked at, but new ones "
            "wait in memory. Check the folder's permissions, or choose another in the settings."
        )

    def _replace(self) -> None:
        aside = set_aside(self._path)
        self._database = connected(self._path)
        self._note(f"The index of takes was damaged: it is kept as “{aside.name}” and made anew.")

    def _note(self, note: str) -> None:
        problems = self._fill(self)
        if problems:
            note += f" Takes that could not be read: {len(problems)}. The first: {problems[0]}"
        self.note = note.strip()
