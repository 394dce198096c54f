"""Snapshots of NVlabs' EDM and EDM2: a network as an object, in a plain pickle."""

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from studio.models.errors import ModelError
from studio.models.pickles.errors import PickleError
from studio.models.pickles.outline import Outline, reading
from studio.models.pickles.persistent import Persistent, persistent, tensors
from studio.models.pickles.plain import is_plain_pickle, read_plain
from studio.models.pickles.values import TensorStub

_MARK = b"torch_utils.persistence"
_START = 256 << 10
"""Bytes in which the mark is found: the first object of a snapshot is at its beginning."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The averaged network of a snapshot, and what else lies in the file."""

    outline: Outline
    network: Persistent
    arguments: dict[str, object]

    def tensors(self) -> dict[str, TensorStub]:
        """Return the parameters and buffers of the network; raise ModelError."""
        with reading(self.outline.path):
            return tensors(_network_in(self.outline))

    def parameters(self, without: Container[str] = ()) -> int:
        """Return the number of the weights of the network, some left out; raise ModelError."""
        with reading(self.outline.path):
            found = tensors(_network_in(self.outline), ("_parameters",))
        return sum(stub.count for name, stub in found.items() if name not in without)

    def other(self, key: str) -> Persistent | None:
        """Return another object in the file; raise ModelError."""
        with reading(self.outline.path):
            return persistent(self.outline.at(key))


def is_snapshot(path: Path) -> bool:
    """Tell from its beginning whether a file may be a snapshot; quick."""
    if not path.is_file() or not is_plain_pickle(path):
        return False
    with path.open("rb") as file:
        return _MARK in file.read(_START)


def is_snapshot_of(path: Path, *class_names: str) -> bool:
    """Tell whether a file is a snapshot of a network of one of these classes."""
    if not is_snapshot(path):
        return False
    try:
        return read_snapshot(path).network.class_name in class_names
    except ModelError:
        return False


def read_snapshot(path: Path) -> Snapshot:
    """Return what is in a snapshot.

    Raises:
        ModelError: it is damaged, holds what has no place in a model, or no network.
    """
    outline = read_plain(path)
    with reading(path):
        network = persistent(_network_in(outline))
        if network is None:
            raise PickleError("there is no averaged network in it")
        args, kwargs = network.arguments
        named = dict(zip(("img_resolution", "img_channels", "label_dim"), args, strict=False))
        return Snapshot(outline, network, {**named, **kwargs})


def _network_in(outline: Outline) -> object:
    return outline.at("ema") if isinstance(outline.value, dict) else outline.value
