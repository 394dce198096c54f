"""Files of torch.save as they were before PyTorch 1.6, and inside the pickles of other programs.

Several pickles one after the other: a magic number, a version, facts about the machine, the value,
the keys of the storages; then for each key a count of 8 bytes and the numbers themselves.
"""

from typing import Any

from studio.models.pickles.errors import DamagedError, PickleError
from studio.models.pickles.machine import read_pickle
from studio.models.pickles.source import Source
from studio.models.pickles.stack import Machine
from studio.models.pickles.tensors import storage
from studio.models.pickles.values import Storage

MAGIC = 0x1950A86A20F9469CFC6C
START = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""The first bytes of such a file: the magic number as a pickle."""

_VERSION = 1001
_NUMBER = START[4:]
_NEAR = 32


def is_legacy(start: bytes) -> bool:
    """Tell from its first bytes whether a file is one of these, of any protocol."""
    return start[:1] == START[:1] and _NUMBER in start[:_NEAR]


def read_legacy(source: Source) -> Any:
    """Return the value of a file; the storages of its tensors know their places in it.

    Raises:
        PickleError: it is another kind of file, damaged, or asks for what has no place in a model.
    """
    if read_pickle(Machine(source)) != MAGIC or read_pickle(Machine(source)) != _VERSION:
        raise PickleError("it is not a file of torch.save")
    facts = read_pickle(Machine(source))
    if isinstance(facts, dict) and facts.get("little_endian") is False:
        raise PickleError("its numbers are stored with the highest byte first")
    found: dict[str, Storage] = {}

    def persistent(identity: object) -> object:
        return _storage(identity, found)

    value = read_pickle(Machine(source, persistent))
    keys = read_pickle(Machine(source))
    _place(source, keys, found)
    return value


def _storage(identity: object, found: dict[str, Storage]) -> object:
    if not isinstance(identity, tuple) or len(identity) < 5:
        raise PickleError("it refers to something that is not a tensor")
    tag, kind, *others = identity
    if tag == "module":
        return kind
    key, _device, count = others[:3]
    if tag != "storage" or (len(others) > 3 and others[3] is not None):
        raise PickleError("it holds tensors in a way that is not known here")
    made = storage(kind, key, count)
    return found.setdefault(made.key, made)


def _place(source: Source, keys: object, found: dict[str, Storage]) -> None:
    if not isinstance(keys, list) or set(map(str, keys)) != found.keys() or len(keys) != len(found):
        raise DamagedError("the numbers of its tensors are not those that it speaks of")
    for key in keys:
        stored = found[str(key)]
        count = int.from_bytes(source.take(8), "little")
        stored.start = source.place
        if count != stored.count or stored.start + stored.size > source.end:
            raise DamagedError("the numbers of a tensor were cut short")
        source.seek(stored.start + stored.size)
