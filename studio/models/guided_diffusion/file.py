"""The bare tensors of guided diffusion in a file."""

from pathlib import Path

from studio.models.guided_diffusion.shapes import FIRST, is_encoder
from studio.models.tensor_file import peek
from studio.models.torch_file import NamedTensors, tensors_at

_PREFIXES = ("", "module.", "model.")
_PLACES = ((), ("model",), ("state_dict",))


def guided_tensors(path: Path) -> NamedTensors | None:
    """Return the tensors of a U-Net or a classifier; None: the file holds neither."""
    if not path.is_file() or "config" in peek(path):
        return None
    named = tensors_at(path, *_PLACES)
    if named is None:
        return None
    prefix = next((each for each in _PREFIXES if f"{each}{FIRST}" in named.shapes), "")
    found = named.without(prefix)
    return found if is_encoder(found.shapes) else None
