"""The arrays and numbers of NumPy in a pickle."""

import re
import struct
from math import prod
from typing import Any

from studio.models.pickles.errors import PickleError
from studio.models.pickles.values import ArrayStub, Bytes, Made

_CODE = re.compile(r"[<>|=]?([fiub][1248])")
_FORMS = {
    "f8": "d", "f4": "f", "f2": "e", "i8": "q", "i4": "i", "i2": "h", "i1": "b", "u8": "Q",
    "u4": "I", "u2": "H", "u1": "B", "b1": "?",
}  # fmt: skip


def scalar(dtype: object, data: object = None) -> float:
    """Return the number that a scalar of NumPy is.

    Raises:
        PickleError: it is none.
    """
    code = code_of(dtype)
    values = struct.unpack(f"{code[0]}{_FORMS[code[1:]]}", raw_bytes(data))
    number: float = values[0]
    return number


def array(value: object) -> ArrayStub | None:
    """Return the array that a pickle describes, or None for anything else.

    Raises:
        PickleError: it contradicts itself, or is one of objects.
    """
    if isinstance(value, ArrayStub):
        return value
    if not isinstance(value, Made) or value.name != "numpy.core.multiarray._reconstruct":
        return None
    state: Any = value.state
    if not isinstance(state, tuple) or len(state) != 5:
        raise PickleError("it holds an array without contents")
    _version, shape, dtype, is_fortran, data = state
    return from_buffer(data, dtype, shape, "F" if is_fortran else "C")


def from_buffer(data: object, dtype: object, shape: object, order: object = "C") -> ArrayStub:
    """Return the array that bytes are; those of a long one are left in the file.

    Raises:
        PickleError: its shape does not fit its bytes.
    """
    code = code_of(dtype)
    raw = b"" if isinstance(data, Bytes) and data.data is None else raw_bytes(data)
    if not isinstance(shape, tuple) or (raw and prod(shape) * int(code[2:]) != len(raw)):
        raise PickleError("it holds an array whose shape does not fit its contents")
    return ArrayStub(code, shape, raw if order == "C" else b"")


def code_of(dtype: object) -> str:
    """Return the code of a type of NumPy with its byte order, such as "<f4"."""
    if not isinstance(dtype, Made) or dtype.name != "numpy.dtype":
        raise PickleError("it holds numbers of an unknown type")
    code = _CODE.fullmatch(str(dtype.args[0])) if dtype.args else None
    if code is None or code[1] not in _FORMS:
        raise PickleError("it holds an array of something other than numbers")
    order = dtype.state[1] if isinstance(dtype.state, tuple) and len(dtype.state) > 1 else "<"
    return f"{'>' if order == '>' else '<'}{code[1]}"


def raw_bytes(data: object) -> bytes:
    """Return bytes, or the text that Python 2 had for them."""
    if isinstance(data, Bytes) and data.data is not None:
        return data.data
    if isinstance(data, str):
        return data.encode("latin-1")
    raise PickleError("it holds an array without contents")
