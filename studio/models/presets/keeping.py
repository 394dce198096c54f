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
_PIECE, _PIECES = 1 << 16, 8
_MOST_BYTES = 8 << 20
_MOST_FILES = 10_000
FILE = "model-settings.json"
_WEIGHTS = (".safetensors", ".bin")


def content_key(path: str | os.PathLike[str]) -> str:
    """Return a short name of a file's content: its size and a SHA-256.

    It is that of the first MiB and of some pieces further on: models of one family often begin
    alike. A folder is known by the weights of its network, or else by its first file.

    Raises:
        OSError: the file cannot be read.
    """
    file = Path(path)
    if file.is_dir():
        file = _speaker(file)
    size = file.stat().st_size
    with file.open("rb") as stream:
        digest = hashlib.sha256(stream.read(_FIRST))
        for part in range(1, _PIECES + 1):
            stream.seek(max(0, size * part // _PIECES - _PIECE))
            digest.update(stream.read(_PIECE))
    return f"{size}-{digest.hexdigest()}"


def _speaker(folder: Path) -> Path:
    """Return the file that stands for a folder: the first of its network, else of all."""
    network, own = (
        sorted(each for each in folder.glob(place) if each.suffix in _WEIGHTS)
        for place in ("unet/*", "*")
    )
    files = network or own or sorted(each for each in folder.iterdir() if each.is_file())
    if not files:
        raise FileNotFoundError(2, "there is no file in the folder", str(folder))
    return files[0]


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
