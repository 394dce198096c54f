"""Look through a folder for what may be a model."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from studio.models.checkpoints import MANIFEST, RUN_FILE, model_in
from studio.models.toy.file import LIMIT, is_toy

MOST_FILES = 100_000
"""Files looked at in one folder; what comes after them is left out, and that is said."""
DEEPEST = 16

SUFFIXES = frozenset(
    (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".pkl", ".bin", ".npz", ".gguf")
)
"""Names that promise a model, so that one that is empty or cut short is found, too."""

_SMALLEST = 64  # bytes
_WHOLE = ("model_index.json",)
_PART = "config.json"
_WEIGHTS = ("diffusion_pytorch_model", "pytorch_model.", "pytorch_model-", "model.", "model-0")
_STARTS = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"GGUF")


class Walk:
    """Go through a folder and its folders, and hand out what may be a model.

    A folder that is a model as a whole is handed out itself. Links are followed; a folder that was
    seen before is not entered again, so that links in a circle do no harm.
    """

    def __init__(self, folder: Path, stop: Callable[[], bool]) -> None:
        self._folder, self._stop = folder, stop
        self._seen: set[tuple[int, int]] = set()
        self.looked = 0
        self.cut = False

    def __iter__(self) -> Iterator[Path]:
        waiting = [(self._folder, 0)]
        while waiting and not self._stop() and not self.cut:
            folder, depth = waiting.pop()
            folders, files = self._entries(folder)
            if is_whole(folder, {file.name for file in files}):
                yield folder
                continue
            for file in files:
                self.looked += 1
                self.cut = self.looked > MOST_FILES
                if self._stop() or self.cut:
                    return
                if may_be_model(file):
                    yield file
            if depth < DEEPEST:
                waiting += [(inner, depth + 1) for inner in reversed(folders)]

    def _entries(self, folder: Path) -> tuple[list[Path], list[Path]]:
        """Return the folders and the files in a folder by name; none where it was seen before."""
        try:
            found = folder.stat()
            if (found.st_dev, found.st_ino) in self._seen:
                return [], []
            self._seen.add((found.st_dev, found.st_ino))
            with os.scandir(folder) as listed:
                entries = sorted(listed, key=lambda each: each.name)
        except OSError:
            return [], []
        folders: list[Path] = []
        files: list[Path] = []
        for entry in entries:
            if not entry.name.startswith("."):
                _sort_in(entry, folders, files)
        return folders, files


def _sort_in(entry: "os.DirEntry[str]", folders: list[Path], files: list[Path]) -> None:
    try:
        if entry.is_dir():
            folders.append(Path(entry.path))
        elif entry.is_file():
            files.append(Path(entry.path))
    except OSError:  # a link in a circle
        return


def is_whole(folder: Path, names: set[str]) -> bool:
    """Tell whether a folder with files of these names is one model, not a folder of models."""
    if names.intersection(_WHOLE):
        return True
    if _PART in names and any(name.startswith(_WEIGHTS) for name in names):
        return True
    return bool(names & {MANIFEST, RUN_FILE}) and model_in(folder) is not None


def may_be_model(file: Path) -> bool:
    """Tell from its name or its first bytes whether a file may be a model; quick."""
    if file.suffix.lower() in SUFFIXES:
        return True
    try:
        size = file.stat().st_size
        if size < _SMALLEST:
            return False
        with file.open("rb") as stream:
            start = stream.read(16)
        if start.startswith(_STARTS) or (start[8:9] == b"{" and start[6:8] == b"\0\0"):
            return True
        return start.lstrip()[:1] == b"{" and size <= LIMIT and is_toy(file)
    except OSError:
        return False
