"""The tensors in files of torch.save and safetensors alike, without torch until they are loaded."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from studio.models.errors import ModelError
from studio.models.pickles.archive import CONTENT_LIMIT
from studio.models.pickles.outline import Outline, is_torch_file, read_archive
from studio.models.pickles.values import Storage, TensorStub
from studio.models.pictures.archive import open_archive, open_member
from studio.models.tensor_file import damaged, header_length, read_tensor_file

if TYPE_CHECKING:
    from torch import Tensor

_NUMBERS = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}
_FEW = 1 << 20


@dataclass(frozen=True, slots=True)
class NamedTensors:
    """Hold the shapes of the tensors of a file by name; `stubs` is empty for safetensors.

    `prefix` stood before every name and was taken away.
    """

    path: Path
    shapes: Mapping[str, tuple[int, ...]]
    stubs: Mapping[str, TensorStub]
    prefix: str = ""

    @property
    def size(self) -> int:
        """Return how many values there are in all."""
        return sum(int(np.prod(shape, dtype=np.int64)) for shape in self.shapes.values())

    def without(self, prefix: str) -> "NamedTensors":
        """Return those whose names begin with a prefix, without it."""
        start = len(prefix)
        shapes = {n[start:]: each for n, each in self.shapes.items() if n.startswith(prefix)}
        stubs = {n[start:]: each for n, each in self.stubs.items() if n.startswith(prefix)}
        return NamedTensors(self.path, shapes, stubs, self.prefix + prefix)

    def load(self) -> dict[str, "Tensor"]:
        """Return the tensors, on the CPU.

        Raises:
            ModelError: the file is damaged, or has changed since it was looked at.
        """
        if self.stubs:
            from studio.models.pickles.loading import load_tensors

            return load_tensors(self.path, self.stubs)
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.path, framework="pt") as file:
                return {name: file.get_tensor(self.prefix + name).clone() for name in self.shapes}
        except SafetensorError as error:
            raise damaged(self.path) from error


def outline_of(path: Path) -> Outline | None:
    """Return what is in a file of torch.save; None for every other file, and for a bad one."""
    if not is_torch_file(path):
        return None
    try:
        return read_archive(path)
    except ModelError:
        return None


def stubs_of(path: Path, stubs: Mapping[str, TensorStub]) -> NamedTensors:
    """Return tensors of a file of torch.save."""
    return NamedTensors(path, {name: stub.shape for name, stub in stubs.items()}, stubs)


def tensors_at(path: Path, *places: Iterable[str]) -> NamedTensors | None:
    """Return the tensors of the first of these dictionaries that there is in a file.

    A place lists the keys that lead to it; safetensors have only (). None: there is none.
    """
    if path.is_file() and header_length(path) is not None:
        try:
            return NamedTensors(path, read_tensor_file(path).shapes, {})
        except ModelError:
            return None
    outline = outline_of(path)
    if outline is None:
        return None
    for place in places:
        if stubs := outline.tensors(*place):
            return stubs_of(path, stubs)
    return None


def numbers(path: Path, stub: TensorStub) -> tuple[float, ...]:
    """Return the values of a short row of floating-point numbers, without torch.

    Raises:
        ModelError: it is something else, or the file was cut short.
    """
    stored = stub.storage
    kind = _NUMBERS.get(stored.dtype)
    if kind is None or len(stub.shape) != 1 or stored.count > _FEW or stub.strides != (1,):
        raise ModelError(f"“{path.name}” is damaged: a list of numbers in it is none.")
    with _opened(path, stored) as file:
        data = file.read(stored.size)
    values = np.frombuffer(data, kind)[stub.offset : stub.offset + stub.count]
    return tuple(values.tolist())


@contextmanager
def _opened(path: Path, stored: Storage) -> Iterator[IO[bytes]]:
    if stored.member:
        with (
            open_archive(path, CONTENT_LIMIT) as archive,
            open_member(archive, stored.member) as member,
        ):
            yield member
    else:
        with path.open("rb") as file:
            file.seek(stored.start)
            yield file
