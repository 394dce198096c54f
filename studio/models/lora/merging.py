"""A model and a LoRA made into one model."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from studio.models.adapting import adapted
from studio.models.describe import describe
from studio.models.errors import ModelError
from studio.models.header import Header
from studio.models.learned import LearnedModel
from studio.models.lora.file import LABELS, find_base, read_lora
from studio.models.lora.tensors import Lora, load_lora
from studio.models.networks.preconditioned import Preconditioned
from studio.models.open import load_model
from studio.models.weights import build_network

_CPU = torch.device("cpu")


def merged_weights(
    path: Path, tensors: Mapping[str, Tensor] | None = None
) -> tuple[Header, dict[str, Tensor]]:
    """Return the network that a LoRA file makes of its model: its description and its weights.

    tensors: others under the names of those in the file, to be used in their place.

    Raises:
        ModelError: the LoRA is damaged, its model is not here, or they do not fit.
    """
    header = read_lora(path).header
    base = find_base(path, header)
    model = load_model(base, _CPU, torch.float32)
    assert isinstance(model, LearnedModel)
    network = build_network(path, header.model, torch.float32)
    shapes = {name: tensor.shape for name, tensor in network.state_dict().items()}
    weights = adapted(model.network.state_dict(), shapes, describe(base), header.model)
    network.load_state_dict(weights, assign=True)
    return header.model, _merged(load_lora(path, _CPU, tensors), network)


def _merged(lora: Lora, network: Preconditioned) -> dict[str, Tensor]:
    lora.check_fit(network, lora.file.header.base.name)
    weights = dict(network.state_dict())
    for layer in lora.factors:
        delta = lora.delta(layer)
        assert delta is not None
        weights[f"{layer}.weight"] = weights[f"{layer}.weight"] + delta
    if lora.embedding is not None:
        embedding = weights[f"{LABELS}.weight"]
        if embedding.shape != lora.embedding.shape:
            raise ModelError(f"“{lora.name}” is damaged: its classes have another size.")
        weights[f"{LABELS}.weight"] = lora.embedding / lora.embedding.shape[1] ** 0.5
    return weights
