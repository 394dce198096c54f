"""What a pickle is read into: plain values, and inert stand-ins for everything else."""

from dataclasses import dataclass, field
from math import prod

ITEM_BYTES = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1,
    "BOOL": 1,
}  # fmt: skip
"""The types of tensors under their names in safetensors, and the bytes of one value."""


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """The name of a class or function; what bears that name is never looked up."""

    text: str


@dataclass(slots=True, eq=False)
class Made:
    """What calling `name` would have made, had it been called."""

    name: str
    args: tuple[object, ...] = ()
    kwargs: dict[object, object] = field(default_factory=dict)
    state: object = None
    items: list[object] = field(default_factory=list)
    pairs: dict[object, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Bytes:
    """Bytes in the file, at `start`; `data` holds them if there are few, else None."""

    start: int
    length: int
    data: bytes | None


@dataclass(slots=True, eq=False)
class Storage:
    """The numbers behind tensors: `count` values of type `dtype`.

    They begin at the byte `start` of the file, or lie in `member` of a zip archive. `start` is set
    later where the pickle comes before the numbers.
    """

    key: str
    dtype: str
    count: int
    member: str = ""
    start: int = -1

    @property
    def size(self) -> int:
        """Return the size in bytes."""
        return self.count * ITEM_BYTES[self.dtype]


@dataclass(frozen=True, slots=True, eq=False)
class TensorStub:
    """A tensor that has not been read: a view of a storage, from its value `offset` on."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    storage: Storage

    @property
    def dtype(self) -> str:
        """Return the type under its name in safetensors, such as "F32"."""
        return self.storage.dtype

    @property
    def count(self) -> int:
        """Return how many values it has."""
        return prod(self.shape)


@dataclass(frozen=True, slots=True, eq=False)
class ArrayStub:
    """An array of NumPy: `dtype` is its code there, such as "<f4"; `data` is empty if long."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes

    def values(self) -> tuple[float, ...]:
        """Return its values in a row."""
        import numpy as np

        return tuple(np.frombuffer(self.data, np.dtype(self.dtype)).tolist())
