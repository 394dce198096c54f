"""What network a model has, from its header, without its weights and without torch."""

from pathlib import Path

from studio.models.checkpoints import model_in
from studio.models.errors import ModelError
from studio.models.foreign import explain
from studio.models.header import Header
from studio.models.lora.file import is_lora, read_lora
from studio.models.open import format_of

_FREE = {"label_dim", "augment_dim", "dropout", "label_dropout"}
"""Options that change no layer that a LoRA can be trained for."""


def describe(path: Path) -> Header:
    """Return the description of the network in a model, a checkpoint, or a LoRA with its model.

    Raises:
        ModelError: it is of another kind or damaged.
    """
    file = model_in(path) or path
    if is_lora(file):
        return read_lora(file).header.model
    read = getattr(format_of(file), "read_header", None)
    header = read(file) if read else None
    if not isinstance(header, Header):
        raise ModelError(explain(file))
    return header


def same_layers(one: Header, other: Header) -> bool:
    """Tell whether two networks have the same layers, so that a LoRA for one fits the other."""
    kwargs = (header.kwargs.model_dump(exclude=_FREE) for header in (one, other))
    return next(kwargs) == next(kwargs) and one.space_to_depth == other.space_to_depth
