"""A network that another program saved, opened as one of the studio's own kinds."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.models.facts import facts
from studio.models.header import Header
from studio.models.learned import LearnedModel
from studio.models.weights import build_network, fill_with


def rebuilt(
    path: Path,
    header: Header,
    tensors: Mapping[str, Tensor],
    *,
    format: str,
    device: torch.device,
    dtype: torch.dtype,
    **others: Any,
) -> LearnedModel:
    """Return the network of a description with the tensors of a file, strictly.

    tensors: under the names of the studio's own network, with "model." before them. others: facts
    that do not follow from the description.

    Raises:
        ModelError: the tensors are not those of the network, or the description makes none.
    """
    network = build_network(path, header, dtype)
    fill_with(network, path, tensors, device)
    counted = sum(math.prod(each.shape) for each in network.parameters())
    info = facts(path, header, format=format, **({"parameters": counted} | others))
    return LearnedModel(info, network, device, header.table or None)
