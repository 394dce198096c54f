"""The formats that can be opened: one file each in `formats`, found without being listed."""

import importlib
import pkgutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from studio.models import formats
from studio.models.info import ModelInfo

if TYPE_CHECKING:
    import torch

    from studio.models.model import Model


class Format(Protocol):
    """What a module in `formats` offers. It imports torch only inside `load` and `read_tensors`.

    A format of networks of pictures also offers `read_header(path) -> Header`, with which its
    models can be trained further; one that is not the studio's own `read_tensors(path)`, too, which
    returns the tensors under the studio's names, with "model." before them, and makes its models of
    both by `studio.models.rebuilt`. One whose files leave something open offers
    `form(path) -> Form | None` (`studio.models.presets`) and raises SettingsNeeded where nothing
    was answered.
    """

    def probe(self, path: Path, /) -> bool:
        """Tell by its content, not by its name, whether the file is of this format."""

    def inspect(self, path: Path, /) -> ModelInfo:
        """Return what is known without reading the weights; raise ModelError."""

    def load(self, path: Path, device: "torch.device", dtype: "torch.dtype", /) -> "Model":
        """Return the opened model; raise ModelError."""


@cache
def all_formats() -> tuple[Format, ...]:
    """Return every format, in the order of the names of their files."""
    names = sorted(module.name for module in pkgutil.iter_modules(formats.__path__))
    modules = (importlib.import_module(f"{formats.__name__}.{name}") for name in names)
    return tuple(cast(Format, module) for module in modules)
