"""Build a described network and fill it with the tensors of a file, strictly."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from studio.models.errors import ModelError
from studio.models.header import Header
from studio.models.networks.layers import Conv2d, GroupNorm
from studio.models.networks.plane_mlp import PlaneMLP
from studio.models.networks.preconditioned import Preconditioned
from studio.models.running.ahead import reading_ahead
from studio.models.tensor_file import TensorFile, damaged
from studio.models.toy.header import PlaneHeader

_DTYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
}


@runtime_checkable
class Castable(Protocol):
    """A network that is made of other people's layers."""

    def cast(self, dtype: torch.dtype, /) -> None:
        """Let what may compute in `dtype` do so."""


def build_network(path: Path, header: Header, dtype: torch.dtype) -> Preconditioned:
    """Return the network that the header of `path` describes, without memory for its weights.

    Raises:
        ModelError: its options contradict each other.
    """
    try:
        with torch.device("meta"):
            model = header.kind.build(header.kwargs)
    except ValueError as error:
        raise ModelError(
            f"“{path.name}” describes a network that cannot be built ({error}). Export it again."
        ) from error
    return Preconditioned(
        model, header.sigma_data, header.space_to_depth, dtype, factors=header.factors
    )


def build_plane_network(header: PlaneHeader, dtype: torch.dtype) -> Preconditioned:
    """Return the network of points that a header describes, without memory for its weights."""
    with torch.device("meta"):
        model = PlaneMLP(**header.kwargs.model_dump())
    return Preconditioned(model, header.sigma_data, dtype=dtype)


def fill(network: Preconditioned, path: Path, file: TensorFile, device: torch.device) -> None:
    """Give the network its weights; nothing is allocated before every shape is known to fit.

    Raises:
        ModelError: a tensor is missing, is not part of the network, or has another shape or type.
    """
    check_fit(network, path, file.shapes, file.dtypes)
    types = _types(network)
    try:
        with reading_ahead(path), safe_open(path, framework="pt") as tensors:
            # One tensor after the other goes from the mapped file to its place and type: there is
            # never a second set of weights. A copy, because the tensors of safetensors stay tied
            # to the file, which a training run may replace.
            weights = {
                name: tensors.get_tensor(name).to(device, types[name], copy=True)
                for name in file.shapes
            }
    except SafetensorError as error:
        raise damaged(path) from error
    _put(network, weights)


def fill_with(
    network: Preconditioned, path: Path, weights: Mapping[str, torch.Tensor], device: torch.device
) -> None:
    """Give the network weights that were read from a file of another format, under its own names.

    Raises:
        ModelError: a tensor is missing, is not part of the network, or has another shape or type.
    """
    shapes = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    dtypes = {
        name: _DTYPES.get(tensor.dtype, str(tensor.dtype)) for name, tensor in weights.items()
    }
    check_fit(network, path, shapes, dtypes)
    assign(network, weights, device)


def assign(
    network: Preconditioned, weights: Mapping[str, torch.Tensor], device: torch.device
) -> None:
    """Give the network weights that are known to fit, on a device and in its own types.

    A network that is not made of the studio's own layers says itself, in `cast`, which of its parts
    compute in the type of the network.
    """
    types = _types(network)
    _put(network, {name: tensor.to(device, types[name]) for name, tensor in weights.items()})


def _put(network: Preconditioned, placed: Mapping[str, torch.Tensor]) -> None:
    network.load_state_dict(placed, assign=True)
    if isinstance(network.model, Castable):
        network.model.cast(network.dtype)


def _types(network: Preconditioned) -> dict[str, torch.dtype]:
    """Return the type that each tensor is kept in.

    The embedding stays exact, as in the public code: it is cheap, and σ must not be rounded.
    """
    exact = torch.promote_types(network.dtype, torch.float32)
    types = dict.fromkeys(network.state_dict(), exact)
    if isinstance(network.model, Castable):
        return types
    for place, layer in network.named_modules():
        if isinstance(layer, (Conv2d, GroupNorm)):
            types.update({f"{place}.{name}": network.dtype for name in layer.state_dict()})
    return types


def check_fit(
    network: nn.Module, path: Path, shapes: Mapping[str, tuple[int, ...]], dtypes: Mapping[str, str]
) -> None:
    """Refuse tensors that are not those of a network, by their shapes and types in safetensors.

    Raises:
        ModelError: one is missing, is not part of the network, or has another shape or type.
    """
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    problems = []
    if missing := wanted.keys() - shapes.keys():
        problems.append(f"{_some(missing)} missing")
    if surplus := shapes.keys() - wanted.keys():
        problems.append(f"{_some(surplus)} not part of the network")
    for name in sorted(wanted.keys() & shapes.keys()):
        if shapes[name] != wanted[name]:
            problems.append(f"{name} is {_shape(shapes[name])}, not {_shape(wanted[name])}")
        elif dtypes[name] not in _DTYPES.values():
            problems.append(f"{name} is {dtypes[name]}, not floating point")
    if problems:
        more = f"; and {len(problems) - 2} more" if len(problems) > 2 else ""
        raise ModelError(
            f"“{path.name}” does not hold the network that it describes: "
            f"{'; '.join(problems[:2])}{more}. Export it again."
        )


def _some(names: Iterable[str]) -> str:
    first, *others = sorted(names)
    return f"{first} and {len(others)} more are" if others else f"{first} is"


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a single number"
