"""The tensors in a pickle of PyTorch: where their numbers are, without the numbers."""

from dataclasses import replace
from math import prod
from typing import Any

from studio.models.pickles.errors import PickleError
from studio.models.pickles.values import ITEM_BYTES, Name, Storage, TensorStub

DTYPES = {
    "float64": "F64", "double": "F64", "float32": "F32", "float": "F32", "float16": "F16",
    "half": "F16", "bfloat16": "BF16", "int64": "I64", "long": "I64", "int32": "I32", "int": "I32",
    "int16": "I16", "short": "I16", "int8": "I8", "uint8": "U8", "bool": "BOOL",
}  # fmt: skip
STORAGES = {
    "DoubleStorage": "F64", "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16",
    "LongStorage": "I64", "IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8",
    "ByteStorage": "U8", "BoolStorage": "BOOL",
}  # fmt: skip
_UNTYPED = "torch.storage.UntypedStorage"
_DIMENSIONS = 16
_LARGEST = 1 << 48


def storage(kind: object, key: object, count: object, member: str = "") -> Storage:
    """Return the storage that a persistent id describes; an untyped one counts bytes."""
    text = kind.text if isinstance(kind, Name) else ""
    dtype = "U8" if text == _UNTYPED else STORAGES.get(text.removeprefix("torch."))
    if dtype is None:
        raise PickleError("it holds a tensor of an unknown type")
    if not isinstance(key, str) or not _is_size(count):
        raise PickleError("it holds a tensor without a place")
    return Storage(key, dtype, count, member)  # type: ignore[arg-type]


def view(stored: object, offset: object, shape: object, strides: object, *_: object) -> TensorStub:
    """Return the tensor that a view of a storage is.

    Raises:
        PickleError: it reaches beyond its storage, or has more values than that.
    """
    if not isinstance(stored, Storage):
        raise PickleError("it holds a tensor without numbers")
    sizes, steps = _sizes(shape), _sizes(strides)
    if len(sizes) != len(steps) or not _is_size(offset):
        raise PickleError("it holds a tensor whose shape makes no sense")
    start: Any = offset
    reach = start + sum((n - 1) * step for n, step in zip(sizes, steps, strict=True)) + 1
    if prod(sizes) and (reach > stored.count or prod(sizes) > stored.count):
        raise PickleError("it holds a tensor that reaches beyond its numbers")
    return TensorStub(sizes, steps, start, stored)


def typed_view(
    stored: object, offset: object, shape: object, strides: object, _grad: object, _hooks: object,
    dtype: object, *_: object,
) -> TensorStub:  # fmt: skip
    """Return the tensor that a view of an untyped storage is, as values of `dtype`."""
    kind = DTYPES.get(dtype.text.removeprefix("torch.")) if isinstance(dtype, Name) else None
    if kind is None or not isinstance(stored, Storage):
        raise PickleError("it holds a tensor of an unknown type")
    count = stored.size // ITEM_BYTES[kind]
    return view(replace(stored, dtype=kind, count=count), offset, shape, strides)


def _sizes(value: object) -> tuple[int, ...]:
    if not isinstance(value, (tuple, list)) or len(value) > _DIMENSIONS:
        raise PickleError("it holds a tensor whose shape makes no sense")
    if not all(_is_size(size) for size in value):
        raise PickleError("it holds a tensor whose shape makes no sense")
    return tuple(value)


def _is_size(value: object) -> bool:
    return type(value) is int and 0 <= value < _LARGEST
