"""The journal: what Python, Qt and the session say, with its time, kept and written to a file."""

from __future__ import annotations

import logging
import re
import time
from collections import deque
from dataclasses import dataclass
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, Signal

MOST = 2000
FILE = "elucidate.log"
_FILE_BYTES, _OLDER_FILES = 1_000_000, 3
_LONGEST = 20_000
_KEYS = re.compile(r"\b(hf_|ghp_|sk-)\w{6,}")
_SECRETS = re.compile(r"(?i)\b(token|password|secret|api[_-]?key)\b(\s*[=:]\s*)[^\s,;]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was said; `level` is one of Python's, `text` may have several lines."""

    time: float
    level: int
    text: str

    @property
    def line(self) -> str:
        """Return time, level and text."""
        clock = time.strftime("%H:%M:%S", time.localtime(self.time))
        return f"{clock}.{int(self.time % 1 * 1000):03d}  {self.level_name:<7}  {self.text}"

    @property
    def level_name(self) -> str:
        """Return the level as a word."""
        names = ((logging.ERROR, "Error"), (logging.WARNING, "Warning"), (logging.INFO, "Info"))
        return next((name for level, name in names if self.level >= level), "Debug")


class Journal(QObject):
    """Listen to Python's logging: keep the newest entries, and write all of them to a file.

    The file is written in a thread of its own and begins anew when it is large. Keys and the
    person's home folder are left out. Entries may come from any thread.
    """

    added = Signal(object)  # Entry

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.file = folder / FILE
        self.entries: deque[Entry] = deque(maxlen=MOST)
        queue: SimpleQueue[logging.LogRecord] = SimpleQueue()
        self._to_file = _ToFile(queue)
        self._listener = QueueListener(queue, _LogFile(self.file))
        self._relay = _Relay(self)
        self._listening = False

    def start(self) -> None:
        """Listen from now on."""
        if not self._listening:
            self._listening = True
            logging.getLogger("studio").setLevel(logging.INFO)
            for handler in (self._to_file, self._relay):
                logging.getLogger().addHandler(handler)
            self._listener.start()

    def close(self) -> None:
        """Listen no more, and finish the file."""
        if self._listening:
            self._listening = False
            for handler in (self._to_file, self._relay):
                logging.getLogger().removeHandler(handler)
            self._listener.stop()
            for target in self._listener.handlers:
                target.close()

    def text(self) -> str:
        """Return all entries, one below the other."""
        return "\n".join(entry.line for entry in tuple(self.entries))

    def take_in(self, entry: Entry) -> None:
        """Keep an entry."""
        self.entries.append(entry)
        self.added.emit(entry)


def private(text: str) -> str:
    """Return `text` without keys, and with the person's home folder as “~”."""
    home = str(Path.home())
    text = text.replace(home, "~") if len(home) > 1 else text
    return _SECRETS.sub(r"\1\2…", _KEYS.sub(r"\1…", text))


class _Plain(logging.Formatter):
    """Write message and traceback, without secrets, and never without end."""

    def format(self, record: logging.LogRecord) -> str:
        return private(super().format(record))[:_LONGEST]


class _Relay(logging.Handler):
    """Hand what is said to the journal, which may live in another thread."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self.setFormatter(_Plain("%(message)s"))
        self._journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        try:
            entry = Entry(record.created, record.levelno, self.format(record))
            self._journal.take_in(entry)
        except Exception:  # noqa: BLE001 - a log that fails must not stop what it tells of
            self.handleError(record)


class _ToFile(QueueHandler):
    """Put what is said in the queue of the file's thread."""

    def prepare(self, record: logging.LogRecord) -> Any:
        """Make the text here, since what it tells of may change."""
        made = logging.makeLogRecord(record.__dict__)
        made.msg, made.args = _Plain("%(message)s").format(record), None
        made.exc_info = made.exc_text = made.stack_info = None
        return made


class _LogFile(RotatingFileHandler):
    """Write the file; where that cannot be done, the window still shows everything."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path, maxBytes=_FILE_BYTES, backupCount=_OLDER_FILES, encoding="utf-8", delay=True
        )
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))

    def _open(self) -> Any:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing: a full disk is reported where it matters."""
