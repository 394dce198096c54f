"""A list of pictures that lie anywhere: a text, CSV, TSV or JSONL file."""

import csv
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.models.errors import ModelError
from studio.models.pictures.album import fingerprint
from studio.models.pictures.classes import named_labels
from studio.models.pictures.decode import LARGEST_FILE, BrokenPicture

SUFFIXES = (".txt", ".csv", ".tsv", ".jsonl")
_PATHS = ("path", "file", "file_name", "filename", "image", "picture")
_CLASSES = ("label", "class", "class_name", "category")


class _Entry(NamedTuple):
    path: str
    label: str | int | None


class ListAlbum:
    """Find the pictures that a file names, one a line, in the order of the lines.

    A line has a path, absolute or relative to the list, and may have a class: after a tab in a
    .txt, in the columns "path" and "label" of a .csv or .tsv (the first two without such a head),
    or under these keys in the objects of a .jsonl. A picture named twice counts twice.

    Raises:
        ModelError: a line cannot be understood, or there is none.
    """

    def __init__(self, path: Path) -> None:
        self.label = path.name
        self._folder, self._told = path.parent, path.read_bytes()
        entries = list(_entries(path, self._told))
        if not entries:
            raise ModelError(f"“{path.name}” names no pictures; write one path in a line.")
        self.names = tuple(entry.path for entry in entries)
        self._labels = [entry.label for entry in entries]
        self._found = {name: found for name in set(self.names) if (found := self._stat(name))}
        self.size = sum(found.st_size for found in self._found.values())

    def classes(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """Return the classes that the lines name; numbers stand for themselves."""
        return named_labels(self._labels)

    def open(self, name: str, /) -> IO[bytes]:
        """Return the file of a picture."""
        if (found := self._found.get(name)) is None:
            raise BrokenPicture("there is no such file")
        if found.st_size > LARGEST_FILE:
            raise BrokenPicture(f"more than {LARGEST_FILE >> 20} MiB")
        return (self._folder / name).open("rb")

    def card(self) -> bytes | None:
        """Return nothing: a list has no card."""
        return None

    def fingerprint(self) -> str:
        """Return the hash of the list, and of the sizes and times of the pictures."""
        return fingerprint(self._found, self._told)

    def _stat(self, name: str) -> os.stat_result | None:
        try:
            return (self._folder / name).stat()
        except (OSError, ValueError):
            return None


def is_list(path: Path) -> bool:
    """Tell whether a file has the name of a list of pictures."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def _entries(path: Path, content: bytes) -> Iterator[_Entry]:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ModelError(f"“{path.name}” is no text in UTF-8; save it as one.") from error
    match path.suffix.lower():
        case ".jsonl":
            yield from _from_json(path.name, lines)
        case ".txt":
            told = [line for line in lines if line.strip() and not line.startswith("#")]
            yield from _from_rows(path.name, [line.split("\t") for line in told])
        case suffix:
            table = csv.reader(lines, delimiter="\t" if suffix == ".tsv" else ",")
            yield from _from_table(path.name, [row for row in table if row])


def _from_table(name: str, rows: list[list[str]]) -> Iterator[_Entry]:
    head = [title.strip().lower() for title in rows[0]] if rows else []
    path = next((head.index(title) for title in _PATHS if title in head), None)
    if path is None:
        yield from _from_rows(name, rows)
        return
    label = next((head.index(title) for title in _CLASSES if title in head), len(head))
    picked = ([row[place] for place in (path, label) if place < len(row)] for row in rows[1:])
    yield from _from_rows(name, list(picked), first=2)


def _from_rows(name: str, rows: Sequence[Sequence[str]], first: int = 1) -> Iterator[_Entry]:
    numbers = all(row[1].strip().isdecimal() for row in rows if len(row) > 1 and row[1].strip())
    for number, row in enumerate(rows, first):
        path, label = row[0].strip() if row else "", row[1].strip() if len(row) > 1 else ""
        if not path:
            raise ModelError(f"Row {number} of “{name}” names no picture; write its path there.")
        yield _Entry(path, (int(label) if numbers else label) if label else None)


def _from_json(name: str, lines: Sequence[str]) -> Iterator[_Entry]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            said: Any = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ModelError(f"Line {number} of “{name}” is no JSON: {error}.") from error
        path = _first(said, _PATHS)
        if not isinstance(path, str) or not path:
            raise ModelError(
                f'Line {number} of “{name}” names no picture; write {{"path": …}} there.'
            )
        label = _first(said, _CLASSES)
        yield _Entry(path, label if isinstance(label, str | int) and label != "" else None)


def _first(said: Any, keys: Sequence[str]) -> Any:
    found = (said[key] for key in keys if isinstance(said, dict) and key in said)
    return next(found, None)
