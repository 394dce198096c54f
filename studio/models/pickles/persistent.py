"""Objects that NVlabs' `torch_utils.persistence` saved: a class by its name, and its state.

The source code of the class lies beside them. It is never run, not even looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from studio.models.pickles import arrays
from studio.models.pickles.errors import PickleError
from studio.models.pickles.values import ArrayStub, Made, TensorStub

_FUNCTION = "torch_utils.persistence._reconstruct_persistent_obj"
_VERSION = 6
_DEPTH = 12
_MODULES = 20_000
_LIST = 4096


@dataclass(frozen=True, slots=True)
class Persistent:
    """The name of the class of an object and its state: its attributes."""

    class_name: str
    state: dict[Any, Any]

    @property
    def arguments(self) -> tuple[tuple[object, ...], dict[str, object]]:
        """Return what the object was made with, as plain values: arguments and keywords."""
        args, kwargs = self.state.get("_init_args"), self.state.get("_init_kwargs")
        if not isinstance(args or (), tuple) or not isinstance(kwargs, dict):
            raise PickleError("it does not say what its network was made with")
        return tuple(map(_plain, args or ())), {str(key): _plain(kwargs[key]) for key in kwargs}


def persistent(value: object) -> Persistent | None:
    """Return the object that a value describes, or None if it is something else.

    Raises:
        PickleError: the description contradicts itself.
    """
    if not isinstance(value, Made) or value.name != _FUNCTION:
        return None
    meta = value.args[0] if len(value.args) == 1 else None
    if not isinstance(meta, dict) or meta.get("type") != "class":
        raise PickleError("it describes an object without a class")
    if meta.get("version") != _VERSION:
        raise PickleError(f"it was saved by version {str(meta.get('version'))[:20]} of its program")
    name, state = meta.get("class_name"), meta.get("state")
    if not isinstance(name, str) or not isinstance(state, dict):
        raise PickleError("it describes an object without a state")
    return Persistent(name, state)


def tensors(
    value: object, kinds: Sequence[str] = ("_parameters", "_buffers")
) -> dict[str, TensorStub]:
    """Return the parameters and buffers of a module under their full names.

    Raises:
        PickleError: there are more modules, or deeper ones, than in any network.
    """
    found: dict[str, TensorStub] = {}
    for count, (prefix, state) in enumerate(_modules(value, "", _DEPTH)):
        if count > _MODULES:
            raise PickleError("it has more parts than any network")
        for kind in kinds:
            for name, each in _entries(state, kind):
                if isinstance(each, TensorStub):
                    found[f"{prefix}{name}"] = each
    return found


def _modules(value: object, prefix: str, depth: int) -> Iterator[tuple[str, dict[Any, Any]]]:
    if depth == 0:
        raise PickleError("its parts lie deeper in each other than in any network")
    known = persistent(value)
    state = known.state if known else value.state if isinstance(value, Made) else None
    if not isinstance(state, dict):
        return
    yield prefix, state
    for name, each in _entries(state, "_modules"):
        yield from _modules(each, f"{prefix}{name}.", depth - 1)


def _entries(state: dict[Any, Any], kind: str) -> list[tuple[str, object]]:
    entries = state.get(kind)
    if not isinstance(entries, dict):
        return []
    return [(str(name)[:200], each) for name, each in entries.items()]


def _plain(value: object) -> object:
    """Return a number, a text or a tuple of them; everything else as it is."""
    if isinstance(value, (list, tuple)) and len(value) <= _LIST:
        return tuple(value)
    array = arrays.array(value)
    return array.values() if isinstance(array, ArrayStub) else value
