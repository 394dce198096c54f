"""The names that a pickle of a model may hold, and what stands in for each.

An allow-list: whatever is not on it ends the reading. Nothing is imported by name, and what stands
in for a call is a plain value or a record (`Made`), so that an entry too many here could let a file
be misread but never run.
"""

from collections.abc import Callable, Mapping
from typing import Any

from studio.models.pickles import arrays, tensors
from studio.models.pickles.errors import PickleError
from studio.models.pickles.values import Bytes, Made, Name, TensorStub

Nested = Callable[[Bytes], object] | None

_MODULES = {
    "__builtin__": "builtins",
    "copy_reg": "copyreg",
    "numpy._core.multiarray": "numpy.core.multiarray",
    "numpy._core.numeric": "numpy.core.numeric",
}
"""Modules that had another name in Python 2, or have one in NumPy 2."""

_RECORDED = frozenset({
    "argparse.Namespace",
    "builtins.bool", "builtins.bytes", "builtins.float", "builtins.int", "builtins.object",
    "builtins.str",
    "datetime.datetime", "datetime.timedelta",
    "numpy.dtype", "numpy.ndarray", "numpy.core.multiarray._reconstruct",
    "omegaconf.base.ContainerMetadata", "omegaconf.base.Metadata",
    "omegaconf.dictconfig.DictConfig", "omegaconf.listconfig.ListConfig",
    "omegaconf.nodes.AnyNode",
    "pathlib.Path", "pathlib.PosixPath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath",
    "pathlib.WindowsPath",
    "pytorch_lightning.utilities.parsing.AttributeDict",
    "torch.Tensor", "torch.nn.parameter.Parameter",
    "torch.storage.UntypedStorage", "torch.storage.TypedStorage",
    "torch_utils.persistence._reconstruct_persistent_obj",
    "typing.Any", "typing.Dict", "typing.List", "typing.Union",
})  # fmt: skip
"""Classes and functions whose calls are written down, no more."""

_RECORDED_ROOMS = (
    "lightning.pytorch.callbacks.",
    "pytorch_lightning.callbacks.",
    "torch.nn.modules.",
    "torch.optim.",
)
"""Modules all of whose names are written down: what training programs leave in their files."""

_ARGUMENTS = 16
_LENGTH = 120
_TYPES = {f"torch.{name}" for name in (*tensors.DTYPES, *tensors.STORAGES)}


def known(module: str, name: str) -> Name:
    """Return the name of a class or function on the list.

    Raises:
        PickleError: it is not on it.
    """
    if len(module) + len(name) > _LENGTH or "." in name:
        raise PickleError(f"it asks for “{module[:60]}.{name[:60]}”, which has no place in a model")
    text = f"{_MODULES.get(module, module)}.{name}"
    if text in _STAND_INS or text in _RECORDED or text in _TYPES or text in _WITH_CALLS:
        return Name(text)
    if text.startswith(_RECORDED_ROOMS) and text.replace(".", "_").isidentifier():
        return Name(text)
    raise PickleError(f"it asks for “{text[:80]}”, which has no place in a model")


def call(function: object, args: object, kwargs: object = None, nested: Nested = None) -> object:
    """Return what stands for calling a name.

    Raises:
        PickleError: what is called is no name, or the arguments make no sense.
    """
    if not isinstance(function, Name) or not isinstance(args, tuple):
        raise PickleError("it calls something that is not the name of a class or function")
    if not isinstance(kwargs, dict | None):
        raise PickleError("it calls a class with arguments that make no sense")
    if function.text == "torch.storage._load_from_bytes":
        return _load(args, nested)
    if function.text in _WITH_CALLS and len(args) <= _ARGUMENTS:
        inner, arguments = _WITH_CALLS[function.text](*args)
        return _call_inside(inner, arguments, nested)
    stand_in = _STAND_INS.get(function.text)
    if stand_in is None:
        return Made(function.text, args, kwargs or {})
    if len(args) > _ARGUMENTS:
        raise PickleError("it calls a function with too many arguments")
    return stand_in(*args)


def set_state(target: object, state: object) -> None:
    """Write down the state that a pickle gives to an object.

    Raises:
        PickleError: it is not an object.
    """
    if isinstance(target, Made):
        target.state = state
    elif not isinstance(target, (dict, TensorStub)):
        raise PickleError("it gives a state to something that has none")


def _call_inside(function: object, args: object, nested: Nested) -> object:
    if isinstance(function, Name) and function.text in _WITH_CALLS:
        raise PickleError("it hides calls inside calls")
    return call(function, args, None, nested)


def _load(args: tuple[object, ...], nested: Nested) -> object:
    (data,) = args
    if nested is None or not isinstance(data, Bytes):
        raise PickleError("it holds a pickle inside a pickle where none belongs")
    return nested(data)


def _reconstructor(kind: object, base: object, state: object = None) -> tuple[object, object]:
    is_dict = isinstance(base, Name) and base.text == "builtins.dict"
    return kind, (state,) if is_dict else ()


def _dict(pairs: Any = (), **_: object) -> dict[Any, Any]:
    if isinstance(pairs, dict):
        return pairs
    if not isinstance(pairs, (list, tuple)):
        raise PickleError("it makes a dictionary of something else")
    made: dict[Any, Any] = {}
    for key, value in pairs:
        if not isinstance(key, (str, int, float)):
            raise PickleError("it holds a dictionary with keys that are neither texts nor numbers")
        made[key] = value
    return made


def _list(items: Any = ()) -> list[Any]:
    if not isinstance(items, (list, tuple)):
        raise PickleError("it makes a list of something else")
    return items if isinstance(items, list) else list(items)


def _encode(text: str, code: str = "latin1") -> Bytes:
    if code not in ("latin1", "latin-1") or not isinstance(text, str):
        raise PickleError("it holds bytes in an unusual code")
    data = text.encode("latin-1")
    return Bytes(-1, len(data), data)


_WITH_CALLS: Mapping[str, Callable[..., tuple[object, object]]] = {
    "copyreg._reconstructor": _reconstructor,
    "copyreg.__newobj__": lambda kind, *args: (kind, args),
    "torch._tensor._rebuild_from_type_v2": lambda function, _type, args, _state: (function, args),
}
"""Functions that call another: which one, and with what."""

_STAND_INS: Mapping[str, Callable[..., object]] = {
    "_codecs.encode": _encode,
    "builtins.bytearray": lambda *args: _encode(*args) if len(args) > 1 else (args or (None,))[0],
    "builtins.complex": lambda *args: args,
    "builtins.dict": _dict,
    "builtins.frozenset": _list,
    "builtins.list": _list,
    "builtins.set": _list,
    "builtins.tuple": _list,
    "collections.Counter": _dict,
    "collections.OrderedDict": _dict,
    "collections.defaultdict": lambda *_: {},
    "collections.deque": lambda items=(), *_: _list(items),
    "dnnlib.EasyDict": _dict,
    "dnnlib.util.EasyDict": _dict,
    "numpy.core.numeric._frombuffer": arrays.from_buffer,
    "numpy.core.multiarray.scalar": arrays.scalar,
    "torch.Size": _list,
    "torch._utils._rebuild_parameter": lambda data, *_: data,
    "torch._utils._rebuild_parameter_with_state": lambda data, *_: data,
    "torch._utils._rebuild_tensor": tensors.view,
    "torch._utils._rebuild_tensor_v2": tensors.view,
    "torch._utils._rebuild_tensor_v3": tensors.typed_view,
    "torch.device": lambda *args: ":".join(map(str, args)),
    "torch.serialization._get_layout": lambda name: name,
    "torch.storage._load_from_bytes": lambda *_: None,
}
