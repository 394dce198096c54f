"""Plain pickles whose tensors are pickles of PyTorch inside."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from studio.models.errors import ModelError
from studio.models.pickles.errors import DamagedError, PickleError
from studio.models.pickles.legacy import is_legacy, read_legacy
from studio.models.pickles.machine import read_pickle
from studio.models.pickles.outline import Outline, answered, bare, reading, stamp_of
from studio.models.pickles.source import Source
from studio.models.pickles.stack import Machine
from studio.models.pickles.values import Bytes, Storage

_PROTOCOL = 0x80


def is_plain_pickle(path: Path) -> bool:
    """Tell from the first bytes whether a file is a pickle, of protocol 2 or later."""
    with path.open("rb") as file:
        start = file.read(64)
    return len(start) > 2 and start[0] == _PROTOCOL and start[1] < 6 and not is_legacy(start)


def read_plain(path: Path) -> Outline:
    """Return what is in a plain pickle; the answer is kept until the file changes.

    Raises:
        ModelError: it is damaged, or holds what has no place in a model.
    """
    return answered(_read(path, stamp_of(path)))


def guessed(path: Path) -> Outline | None:
    """Return what is in a file that may be a plain pickle without saying so, or None.

    Raises:
        ModelError: it is one, and holds what has no place in a model.
    """
    try:
        return read_plain(path)
    except ModelError as error:
        if isinstance(error.__cause__, DamagedError):
            return None
        raise


@lru_cache(maxsize=8)
def _read(path: Path, stamp: tuple[int, int]) -> Outline | ModelError:
    try:
        with reading(path), path.open("rb") as file:
            return Outline(path, _value(Source(file)), stamp)
    except ModelError as error:
        return bare(error)


def _value(source: Source) -> Any:
    def nested(data: Bytes) -> Storage:
        return _storage(source, data)

    return read_pickle(Machine(source, nested=nested))


def _storage(source: Source, data: Bytes) -> Storage:
    """Return the storage in the bytes of a file of torch.save that lies within a pickle."""
    if data.start < 0:
        raise PickleError("its tensors are stored in a way that is not known here")
    here = source.place
    inner = source.part(data.start, data.length)
    value = read_legacy(inner)
    source.steps, source.kept = inner.steps, inner.kept
    source.seek(here)
    if not isinstance(value, Storage):
        raise PickleError("it holds a pickle inside a pickle that is no tensor")
    return value
