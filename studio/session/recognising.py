"""Finding out what a file or a folder is that was dropped on the window."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from studio.library.bundle import is_bundle
from studio.models.catalogue import Entry, examine, folders_to_search
from studio.models.catalogue.walk import Walk
from studio.models.lora.file import is_lora

_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF")
_MOST_PARTS = 50
"""Files of a folder that are looked at to tell whether it holds models."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """Say what a path is: `takes` is a zip file of takes; else `entry` says it.

    Of a folder of models, which is none itself, `models` says so. `own_lora`
    is a LoRA of the studio, which can also be opened as a model of its own.
    """

    path: str
    takes: bool = False
    models: bool = False
    own_lora: bool = False
    entry: Entry | None = None

    @property
    def opens(self) -> bool:
        """Tell whether a model is opened in place of the open one."""
        return self.entry is not None and self.entry.kind == "model" and not self.entry.missing


def is_picture(path: str) -> bool:
    """Tell from its first bytes whether a file is a picture; quick.

    Raises:
        OSError: it cannot be read.
    """
    file = Path(path)
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        return stream.read(8).startswith(_PICTURES)


def recognise(path: str) -> Recognised:
    """Return what is at a path, by its content."""
    file = Path(path)
    if file.is_file() and is_bundle(file):
        return Recognised(path, takes=True)
    entry = examine(file)
    if entry.kind == "unknown" and file.is_dir():
        return Recognised(path, models=_holds_models(file), entry=entry)
    return Recognised(path, own_lora=entry.kind == "lora" and is_lora(file), entry=entry)


def _holds_models(folder: Path) -> bool:
    parts = (each for part in folders_to_search(folder) for each in Walk(part, lambda: False))
    return any(examine(each).kind != "unknown" for each in islice(parts, _MOST_PARTS))
