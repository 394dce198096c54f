"""Keep what was answered about a file, by its content, in the person's own folder."""

import hashlib
import json
import os
from pathlib import Path

from studio.atomic import reason, write_atomically
from studio.models.errors import ModelError
from studio.models.presets.form import Answers
from studio.preferences import data_folder

_FIRST = 1 << 20
_MOST_BYTES = 8 << 20
_MOST_FILES = 10_000
FILE = "model-settings.json"


def content_key(path: str | os.PathLike[str]) -> str:
    """Return a short name of a file's content: its size and the SHA-256 of its first MiB.

    Raises:
        OSError: the file cannot be read.
    """
    file = Path(path)
    with file.open("rb") as stream:
        start = hashlib.sha256(stream.read(_FIRST))
    return f"{file.stat().st_size}-{start.hexdigest()}"


def kept_answers(path: str | os.PathLike[str]) -> Answers:
    """Return what was answered about a file of this content; empty: nothing, or not readable."""
    every = _read()
    if not every:
        return {}
    answers = every.get(content_key(path))
    return answers if isinstance(answers, dict) else {}


def keep_answers(path: str | os.PathLike[str], answers: Answers | None) -> None:
    """Keep what was answered about a file; None forgets it.

    Raises:
        ModelError: the folder of the settings cannot be written.
        OSError: the file cannot be read.
    """
    key, every = content_key(path), _read()
    every.pop(key, None)
    if answers is not None:
        every[key] = dict(answers)
    newest = dict(list(every.items())[-_MOST_FILES:])
    place = data_folder() / FILE
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, json.dumps(newest, indent=1).encode())
    except OSError as error:
        raise ModelError(
            f"The settings of “{Path(path).name}” could not be kept in “{place}”: {reason(error)}"
        ) from error


def _read() -> dict[str, object]:
    try:
        with (data_folder() / FILE).open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        every = json.loads(content.decode()) if len(content) <= _MOST_BYTES else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return every if isinstance(every, dict) else {}
