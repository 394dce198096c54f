"""Files of named tensors, whatever wraps them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError, safe_open

from studio.models.errors import ModelError
from studio.models.tensor_file import HEADER_LIMIT, damaged, header_length, read_tensor_file

if TYPE_CHECKING:
    from torch import Tensor

Shapes = Mapping[str, tuple[int, ...]]


def is_safetensors(path: Path) -> bool:
    """Tell whether a file begins as safetensors do."""
    length = header_length(path) if path.is_file() else None
    return length is not None and length <= HEADER_LIMIT


def shapes_in(path: Path) -> Shapes:
    """Return the shape of each tensor in a file, without its weights and without torch.

    Raises:
        ModelError: the file is damaged.
    """
    return read_tensor_file(path).shapes


def shapes_or_none(path: Path) -> Shapes:
    """Return the shape of each tensor in a file, and nothing for a file of another kind."""
    with suppress(ModelError, OSError):
        if is_safetensors(path):
            return shapes_in(path)
    return {}


def tensors_in(path: Path, wanted: Callable[[str], bool]) -> "dict[str, Tensor]":
    """Return the tensors of a file whose names are wanted, as they are stored, on the CPU.

    Raises:
        ModelError: the file is damaged.
    """
    try:
        with safe_open(path, framework="pt") as file:
            names = [name for name in file.keys() if wanted(name)]  # noqa: SIM118
            return {name: file.get_tensor(name) for name in names}
    except SafetensorError as error:
        raise damaged(path) from error
