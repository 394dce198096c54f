"""The studio's own models: safetensors with a JSON description of the network in the header.

The tensors have the names of the public EDM code ("model.enc.16x16_conv.weight"), the description
stands in the metadata under "config" (`studio.models.header.Header`).
"""

import math
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from pydantic_core import from_json

from studio.models.card import complaint
from studio.models.errors import ModelError
from studio.models.facts import facts
from studio.models.foreign import explain
from studio.models.header import Header
from studio.models.info import ModelInfo
from studio.models.tensor_file import TensorFile, peek, read_tensor_file
from studio.models.toy.header import NETWORK

if TYPE_CHECKING:
    import torch

    from studio.models.learned import LearnedModel

_CONFIG_LIMIT = 1 << 20
_BUFFERS = (".resample_filter", ".freqs")


def probe(path: Path) -> bool:
    """Tell whether the file is safetensors with a description of a network in its header."""
    return path.is_file() and _has_description(peek(path).get("config"))


def inspect(path: Path) -> ModelInfo:
    """Return what the header says.

    Raises:
        ModelError: the file is damaged or its description makes no sense.
    """
    file = read_tensor_file(path)
    return facts(path, _read_header(path, file), format="native", parameters=_parameters(file))


def read_header(path: Path) -> Header:
    """Return the description of the network in a model file.

    Raises:
        ModelError: the file is of another kind or damaged, or its description makes no sense.
    """
    if not probe(path):
        raise ModelError(explain(path))
    return _read_header(path, read_tensor_file(path))


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "LearnedModel":
    """Return the network with its weights on `device`, computing in `dtype`.

    Raises:
        ModelError: the file is damaged, or its tensors are not those of the network it describes.
    """
    from studio.models.learned import LearnedModel
    from studio.models.weights import build_network, fill

    file = read_tensor_file(path)
    header = _read_header(path, file)
    network = build_network(path, header, dtype)
    fill(network, path, file, device)
    info = facts(path, header, format="native", parameters=_parameters(file))
    return LearnedModel(info, network, device, header.table or None)


def _has_description(config: object) -> bool:
    if not isinstance(config, str) or len(config) > _CONFIG_LIMIT:
        return False
    try:
        description = from_json(config)
    except ValueError:
        return False
    return (
        isinstance(description, dict)
        and {"network", "preconditioning"} <= description.keys()
        and description["network"] != NETWORK
    )


def _read_header(path: Path, file: TensorFile) -> Header:
    try:
        return Header.model_validate_json(file.metadata["config"])
    except ValidationError as error:
        raise ModelError(
            f"“{path.name}” describes a network that cannot be built ({complaint(error)}). "
            "Export it again, or get a newer Elucidate."
        ) from error


def _parameters(file: TensorFile) -> int:
    return sum(
        math.prod(shape) for name, shape in file.shapes.items() if not name.endswith(_BUFFERS)
    )
