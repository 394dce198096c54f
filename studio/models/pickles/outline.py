"""What is in a file of torch.save, without its numbers and without torch."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from studio.models.errors import ModelError
from studio.models.pickles.archive import CONTENT_LIMIT, ZIP_START, is_archive, read_zip
from studio.models.pickles.errors import PickleError, refused
from studio.models.pickles.legacy import is_legacy, read_legacy
from studio.models.pickles.source import Source
from studio.models.pickles.values import TensorStub
from studio.models.pictures.archive import open_archive

_NEAR = 64


@dataclass(frozen=True, slots=True)
class Outline:
    """Hold the value of a file: dictionaries, lists, plain values, and a stub for every tensor.

    `stamp` is the size of the file and the time of its last change. What is here is shared: it is
    not to be changed.
    """

    path: Path
    value: Any
    stamp: tuple[int, int]

    def at(self, *keys: str | int) -> Any:
        """Return what lies under these keys, one within the other, or None."""
        value = self.value
        for key in keys:
            if not isinstance(value, dict) or key not in value:
                return None
            value = value[key]
        return value

    def tensors(self, *keys: str | int) -> dict[str, TensorStub]:
        """Return the tensors in the dictionary under these keys, of which it may hold others."""
        value = self.at(*keys)
        if not isinstance(value, dict):
            return {}
        stubs = ((str(name), each) for name, each in value.items())
        return {name: each for name, each in stubs if isinstance(each, TensorStub)}


def is_torch_file(path: Path) -> bool:
    """Tell from the first bytes whether this may be a file of torch.save; quick."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(_NEAR)
    return start.startswith(ZIP_START) or is_legacy(start)


def is_torch_zip(path: Path) -> bool:
    """Tell whether a file is a zip with the pickle of torch.save in it.

    Raises:
        ModelError: it is a zip that is damaged or was made to do harm.
    """
    with path.open("rb") as file:
        if file.read(4) != ZIP_START:
            return False
    with open_archive(path, CONTENT_LIMIT) as archive:
        return is_archive(archive)


def read_archive(path: Path) -> Outline:
    """Return what is in a file of torch.save, a zip or one as before PyTorch 1.6.

    The answer is kept, so that asking again costs nothing until the file changes.

    Raises:
        ModelError: it is damaged, or holds what has no place in a model.
    """
    return answered(_read(path, stamp_of(path)))


def answered(answer: Outline | ModelError) -> Outline:
    """Return an outline that was kept, or raise the error that was kept in its place."""
    if isinstance(answer, ModelError):
        raise ModelError(str(answer)) from answer.__cause__
    return answer


def bare(error: ModelError) -> ModelError:
    """Return an error without what was in memory when it arose."""
    found = ModelError(str(error))
    if isinstance(error.__cause__, PickleError):
        found.__cause__ = type(error.__cause__)(str(error.__cause__))
    return found


def stamp_of(path: Path) -> tuple[int, int]:
    """Return what changes when a file does: its size and the time of its last change."""
    facts = path.stat()
    return facts.st_size, facts.st_mtime_ns


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what goes wrong inside into the error that says so.

    Raises:
        ModelError: something did.
    """
    try:
        yield
    except PickleError as error:
        raise refused(path.name, error) from error


@lru_cache(maxsize=8)
def _read(path: Path, stamp: tuple[int, int]) -> Outline | ModelError:
    # Errors are kept as well: every format asks, and a bad file can take seconds.
    try:
        with reading(path):
            return Outline(path, _value(path), stamp)
    except ModelError as error:
        return bare(error)


def _value(path: Path) -> Any:
    with path.open("rb") as file:
        if file.read(4) == ZIP_START:
            return read_zip(path)
        return read_legacy(Source(file))
