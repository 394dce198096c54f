"""Files of named tensors, whatever wraps them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError, safe_open

from studio.models.errors import ModelError
from studio.models.tensor_file import HEADER_LIMIT, damaged, header_length, read_tensor_file

if TYPE_CHECKING:
    from torch import Tensor

    from studio.models.pickles import TensorStub

Shapes = Mapping[str, tuple[int, ...]]

_WRAPPERS: tuple[tuple[str, ...], ...] = (("state_dict",), ("model",), ())
"""Under which keys a file of torch.save has its tensors, the likeliest first."""


def is_safetensors(path: Path) -> bool:
    """Tell whether a file begins as safetensors do."""
    length = header_length(path) if path.is_file() else None
    return length is not None and length <= HEADER_LIMIT


def shapes_in(path: Path) -> Shapes:
    """Return the shape of each tensor in a file, without its weights and without torch.

    Raises:
        ModelError: the file is damaged.
    """
    from studio.models.pickles import is_torch_file

    if is_torch_file(path):
        return {name: stub.shape for name, stub in _stubs(path).items()}
    return read_tensor_file(path).shapes


def shapes_or_none(path: Path) -> Shapes:
    """Return the shape of each tensor in a file, and nothing for a file of another kind."""
    from studio.models.pickles import is_torch_file

    with suppress(ModelError, OSError):
        if is_safetensors(path) or is_torch_file(path):
            return shapes_in(path)
    return {}


def number_in(path: Path, name: str) -> int | None:
    """Return a whole number that training left beside the tensors, such as global_step."""
    from studio.models.pickles import is_torch_file, read_archive

    if not is_torch_file(path):
        return None
    found = read_archive(path).at(name)
    return found if isinstance(found, int) else None


@contextmanager
def steady(path: Path) -> Iterator[None]:
    """Refuse a file that changes while it is read, whatever else goes wrong because of it.

    Raises:
        ModelError: it changed.
    """
    before = path.stat()
    try:
        yield
    finally:
        after = path.stat() if path.exists() else None
        if after is None or (after.st_size, after.st_mtime_ns) != (
            before.st_size,
            before.st_mtime_ns,
        ):
            raise ModelError(
                f"“{path.name}” changed while it was read, as a file does that is still being "
                "downloaded. Wait until it is whole, and open it again."
            )


def tensors_in(path: Path, wanted: Callable[[str], bool]) -> "dict[str, Tensor]":
    """Return the tensors of a file whose names are wanted, as they are stored, on the CPU.

    Raises:
        ModelError: the file is damaged.
    """
    from studio.models.pickles import is_torch_file

    if is_torch_file(path):
        from studio.models.pickles.loading import load_tensors

        stubs = {name: stub for name, stub in _stubs(path).items() if wanted(name)}
        return load_tensors(path, stubs)
    try:
        with safe_open(path, framework="pt") as file:
            names = [name for name in file.keys() if wanted(name)]  # noqa: SIM118
            return {name: file.get_tensor(name) for name in names}
    except SafetensorError as error:
        raise damaged(path) from error


def _stubs(path: Path) -> "dict[str, TensorStub]":
    from studio.models.pickles import read_archive

    outline = read_archive(path)
    return next(filter(None, (outline.tensors(*keys) for keys in _WRAPPERS)), {})
