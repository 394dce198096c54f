"""Pickles of other programs, read without running anything that they ask for.

Files of torch.save, with no need of torch before their tensors are wanted::

    outline = read_archive(path)
    stubs = outline.tensors("state_dict")  # name -> TensorStub(shape, dtype, ...)
    weights = load_tensors(path, stubs)    # name -> torch.Tensor
"""

from typing import TYPE_CHECKING, Any

from studio.models.pickles.outline import Outline, is_torch_file, read_archive
from studio.models.pickles.values import ArrayStub, Made, Name, Storage, TensorStub

if TYPE_CHECKING:
    from studio.models.pickles.loading import load_tensors

__all__ = [
    "ArrayStub",
    "Made",
    "Name",
    "Outline",
    "Storage",
    "TensorStub",
    "is_torch_file",
    "load_tensors",
    "read_archive",
]


def __getattr__(name: str) -> Any:
    # Only this name needs torch, which takes seconds to import.
    if name == "load_tensors":
        from studio.models.pickles.loading import load_tensors

        return load_tensors
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
