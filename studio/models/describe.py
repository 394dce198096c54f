"""What network a model has, from its header, without its weights and without torch."""

from pathlib import Path

from studio.models.checkpoints import model_in
from studio.models.formats.native import read_header
from studio.models.header import Header
from studio.models.lora.file import is_lora, read_lora

_FREE = {"label_dim", "augment_dim", "dropout", "label_dropout"}
"""Options that change no layer that a LoRA can be trained for."""


def describe(path: Path) -> Header:
    """Return the description of the network in a model, a checkpoint, or a LoRA with its model.

    Raises:
        ModelError: it is of another kind or damaged.
    """
    file = model_in(path) or path
    return read_lora(file).header.model if is_lora(file) else read_header(file)


def same_layers(one: Header, other: Header) -> bool:
    """Tell whether two networks have the same layers, so that a LoRA for one fits the other."""
    kwargs = (header.kwargs.model_dump(exclude=_FREE) for header in (one, other))
    return next(kwargs) == next(kwargs) and one.space_to_depth == other.space_to_depth
