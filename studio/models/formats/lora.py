"""A LoRA, opened as the model that it makes of the one it was trained on."""

from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.facts import facts
from studio.models.info import ModelInfo
from studio.models.lora.file import is_lora, read_lora

if TYPE_CHECKING:
    import torch

    from studio.models.learned import LearnedModel


def probe(path: Path) -> bool:
    """Tell whether the file is a LoRA of the studio."""
    return is_lora(path)


def inspect(path: Path) -> ModelInfo:
    """Return what the header says; the model that it belongs to need not be here.

    Raises:
        ModelError: the file is damaged or its description makes no sense.
    """
    file = read_lora(path)
    header = file.header
    said = (
        f"A LoRA of rank {header.rank}, alpha {header.alpha:g}, on {len(file.layers)} layers of "
        f"“{header.base.name or header.base.file}” (sha256 {header.base.sha256[:10]}). "
        f"{header.note}".strip()
    )
    whole = header.model.model_copy(
        update={"name": header.name, "licence": header.licence, "credit": header.credit}
    )
    return facts(path, whole, format="lora", parameters=file.parameters, family="LoRA", note=said)


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "LearnedModel":
    """Return the network of its model with the LoRA in its weights.

    Raises:
        ModelError: the file is damaged, or its model is not here.
    """
    from studio.models.learned import LearnedModel
    from studio.models.lora.merging import merged_weights
    from studio.models.weights import assign, build_network

    header, weights = merged_weights(path)
    network = build_network(path, header, dtype)
    assign(network, weights, device)
    return LearnedModel(inspect(path), network, device, header.table or None)
