"""LoRAs of every kind: the studio's own and those that others publish."""

from dataclasses import dataclass
from pathlib import Path

from pydantic_core import from_json

from studio.models.containers import shapes_or_none
from studio.models.describe import describe, same_layers
from studio.models.errors import ModelError
from studio.models.header import Header
from studio.models.lora.file import LoraFile, is_lora, read_lora
from studio.models.lora.published.file import PublishedLora, is_published_lora, read_published_lora
from studio.models.single_file.layout import layout

AnyLora = LoraFile | PublishedLora

_CONFIG = ("unet", "config.json")
_CONFIG_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class TextNetwork:
    """A network that listens to text: `context` counts the numbers that each token has for it."""

    context: int


def is_any_lora(path: Path) -> bool:
    """Tell whether a file is a LoRA that can be put on some model."""
    return is_lora(path) or (path.is_file() and is_published_lora(path))


def read_any_lora(path: Path) -> AnyLora:
    """Return what a LoRA file says about itself.

    Raises:
        ModelError: it is missing, of another kind or damaged.
    """
    if path.is_file() and is_published_lora(path):
        return read_published_lora(path)
    return read_lora(path)


def network_of(path: Path) -> Header | TextNetwork | None:
    """Return which network the model at `path` has for LoRAs to change; None if it has none."""
    try:
        return describe(path)
    except ModelError:
        return _text_network(path)


def misfit(lora: AnyLora, network: Header | TextNetwork | None) -> str:
    """Return why a LoRA cannot be put on a network, or nothing."""
    if isinstance(lora, LoraFile):
        base = lora.header.base.name
        if network is None:
            return f"The open model has no network to change; this is for “{base}”."
        if isinstance(network, TextNetwork) or not same_layers(lora.header.model, network):
            return f"It is for another network, that of “{base}”."
        return ""
    if network is None:
        return f"The open model has no network to change; this is for {lora.family}."
    if isinstance(network, Header) or lora.context not in (0, network.context):
        return f"It is for another network, that of {lora.family}."
    return ""


def _text_network(path: Path) -> TextNetwork | None:
    if path.is_dir():
        context = _told(path.joinpath(*_CONFIG)).get("cross_attention_dim")
        return TextNetwork(context) if isinstance(context, int) else None
    try:
        found = layout(shapes_or_none(path))
    except ModelError:
        return None
    context = found.unet["cross_attention_dim"] if found else None
    return TextNetwork(context) if isinstance(context, int) else None


def _told(config: Path) -> dict[str, object]:
    try:
        if config.stat().st_size > _CONFIG_LIMIT:
            return {}
        found = from_json(config.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
