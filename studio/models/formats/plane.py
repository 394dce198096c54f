"""A network of points in the plane, trained here: safetensors with the distribution in its header.

The tensors are those of `studio.models.networks.plane_mlp.PlaneMLP` with "model." before them, the
description stands in the metadata under "config" (`studio.models.toy.header.PlaneHeader`).
"""

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from pydantic_core import from_json

from studio.models.card import complaint
from studio.models.errors import ModelError
from studio.models.info import ModelInfo
from studio.models.tensor_file import TensorFile, peek, read_tensor_file
from studio.models.toy.header import NETWORK, PlaneHeader

if TYPE_CHECKING:
    import torch

    from studio.models.toy.learned import LearnedToy

_LEARNED = (
    "A small network that learned the score of points in the plane; the density behind it is exact."
)


def probe(path: Path) -> bool:
    """Tell whether the file is safetensors that describe a network of the plane."""
    config = peek(path).get("config") if path.is_file() else None
    if not isinstance(config, str):
        return False
    try:
        description = from_json(config)
    except ValueError:
        return False
    return isinstance(description, dict) and description.get("network") == NETWORK


def inspect(path: Path) -> ModelInfo:
    """Return what the header says.

    Raises:
        ModelError: the file is damaged or its description makes no sense.
    """
    file = read_tensor_file(path)
    return _info(path, _read_header(path, file), file)


def read_header(path: Path) -> PlaneHeader:
    """Return the description of the network and its distribution.

    Raises:
        ModelError: the file is damaged or its description makes no sense.
    """
    return _read_header(path, read_tensor_file(path))


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "LearnedToy":
    """Return the network with its weights on `device`, computing in `dtype` or float32.

    Points are seen to more places than half precision has, and cost nothing.

    Raises:
        ModelError: the file is damaged, or its tensors are not those of the network it describes.
    """
    import torch

    from studio.models.toy.learned import LearnedToy
    from studio.models.weights import build_plane_network, fill

    file = read_tensor_file(path)
    header = _read_header(path, file)
    network = build_plane_network(header, torch.promote_types(dtype, torch.float32))
    fill(network, path, file, device)
    components = header.distribution.components()
    return LearnedToy(_info(path, header, file), network, components, device)


def info_of(header: PlaneHeader) -> ModelInfo:
    """Return what a header says, without a file."""
    components = header.distribution.components()
    return ModelInfo(
        path="",
        name=header.name,
        format="plane",
        family="Perceptron",
        shape=header.image,
        sigma_min=header.sigma_min,
        sigma_max=header.sigma_max,
        sigma_data=header.sigma_data,
        classes=header.class_names,
        components=len(components.weights),
        prediction="EDM precond",
        note=header.note or _LEARNED,
        licence=header.terms,
        window=components.window,
    )


def _read_header(path: Path, file: TensorFile) -> PlaneHeader:
    try:
        return PlaneHeader.model_validate_json(file.metadata["config"])
    except ValidationError as error:
        raise ModelError(
            f"“{path.name}” describes a network that cannot be built ({complaint(error)}). "
            "Export it again, or get a newer Elucidate."
        ) from error


def _info(path: Path, header: PlaneHeader, file: TensorFile) -> ModelInfo:
    return replace(
        info_of(header),
        path=str(path),
        name=header.name or path.stem,
        parameters=sum(math.prod(shape) for shape in file.shapes.values()),
        size=path.stat().st_size,
    )
