"""Open a model of whatever format, or say what it is."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.errors import ModelError
from studio.models.foreign import explain
from studio.models.info import ModelInfo
from studio.models.registry import Format, all_formats
from studio.models.running.choice import Running
from studio.models.running.estimate import Estimate, bytes_at, fits, free_bytes

if TYPE_CHECKING:
    import torch

    from studio.models.model import Model

_AS_IT_IS = Running()
_SMALL = 6  # half precision on the disk, twice as much in memory, and room to work


def inspect_model(path: str | os.PathLike[str]) -> ModelInfo:
    """Return what is known about the model at `path`: a file or a folder.

    Torch is not imported, no weights are read into memory and nothing in the file is executed.

    Raises:
        ModelError: the model cannot be opened.
    """
    file = Path(path)
    with readable(file):
        info = format_of(file).inspect(file)
    return replace(info, path=os.fspath(path))


def load_model(
    path: str | os.PathLike[str],
    device: "str | torch.device" = "auto",
    dtype: "str | torch.dtype" = "auto",
    running: Running = _AS_IT_IS,
) -> "Model":
    """Open the model at `path` on a device.

    device: "auto" is the first of cuda, mps, xpu and cpu that is here. dtype: what a network
    computes in, "auto" is what the device is quick and safe in, float32 on a CPU; an ideal denoiser
    computes in float64 wherever the device can. running: how its networks run.

    Raises:
        ModelError: the model cannot be opened, there is no such device or data type, or no room.
    """
    from studio.models.devices import choose_device, choose_dtype
    from studio.models.running.place import opened

    file, place = Path(path), choose_device(device)
    number = choose_dtype(dtype, place)
    with readable(file):
        format_ = format_of(file)
        expected = _expected(file, format_, place, number)
        model = opened(lambda where: format_.load(file, where, number), place, running, expected)
    model.info = replace(model.info, path=os.fspath(path), previews=model.codec.previews)
    return model


def _expected(
    path: Path, format_: Format, device: "torch.device", dtype: "torch.dtype"
) -> Estimate | None:
    """Return what a model will need, None where it is so small that nobody has to ask."""
    free = free_bytes(str(device))
    if free is None or _SMALL * bytes_at(path) < free:
        return None
    return fits(format_.inspect(path), str(device), str(dtype).removeprefix("torch."), free)


def format_of(path: Path) -> Format:
    """Return the format of the file or folder at `path`.

    Raises:
        ModelError: it is of none that is known.
    """
    for candidate in all_formats():
        if candidate.probe(path):
            return candidate
    raise ModelError(explain(path))


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Say of a path that is missing or cannot be read what is wrong with it.

    Raises:
        ModelError: it is so.
    """
    try:
        if not path.is_file() and not path.is_dir():
            raise ModelError(
                f"There is no file or folder “{path}”; check the name, or choose another model."
            )
        yield
    except OSError as error:
        raise ModelError(
            f"“{path}” cannot be read ({error.strerror or error}); check its permissions "
            "and that its drive is still there."
        ) from error
