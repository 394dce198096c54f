"""What a safetensors file says about itself, without its tensors."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import from_json
from safetensors import SafetensorError, safe_open

from studio.models.errors import ModelError

HEADER_LIMIT = 8 << 20
"""Bytes: some ten times the longest header of a published model; the format allows 100 MB."""


@dataclass(frozen=True, slots=True)
class TensorFile:
    """Hold the metadata of a safetensors file and the shape and type of each of its tensors."""

    metadata: Mapping[str, str]
    shapes: Mapping[str, tuple[int, ...]]
    dtypes: Mapping[str, str]


def header_length(path: Path) -> int | None:
    """Return the length in bytes of the header that a safetensors file claims to have.

    None is a file of another kind.
    """
    with path.open("rb") as file:
        start = file.read(9)
    if len(start) < 9 or start[8:] != b"{":
        return None
    return int.from_bytes(start[:8], "little")


def peek(path: Path) -> Mapping[str, object]:
    """Return the metadata of a safetensors file, and none of a file of any other kind.

    Quick, and tells nothing about whether the rest of the file is sound.
    """
    length = header_length(path)
    if length is None or length > HEADER_LIMIT:
        return {}
    with path.open("rb") as file:
        file.seek(8)
        raw = file.read(length)
    try:
        header = from_json(raw)
    except ValueError:
        return {}
    metadata = header.get("__metadata__")
    return metadata if isinstance(metadata, dict) else {}


def read_tensor_file(path: Path) -> TensorFile:
    """Return what the header of a safetensors file says, checked against the rest of the file.

    Raises:
        ModelError: the file is damaged.
    """
    try:
        with safe_open(path, framework="np") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
            return TensorFile(
                metadata=dict(file.metadata() or {}),
                shapes={name: tuple(part.get_shape()) for name, part in slices.items()},
                dtypes={name: part.get_dtype() for name, part in slices.items()},
            )
    except SafetensorError as error:
        raise damaged(path) from error


def damaged(path: Path) -> ModelError:
    """Return the error of a file that does not end where its header says."""
    return ModelError(
        f"“{path.name}” is damaged: its tensors are not where its header says, as in a file that "
        "was cut short. Copy or download it again."
    )
