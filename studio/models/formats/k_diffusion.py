"""Checkpoints of k-diffusion: its U-Net and its hourglass transformer, with their configuration."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.models.errors import ModelError
from studio.models.facts import facts
from studio.models.header import Header
from studio.models.info import ModelInfo
from studio.models.k_diffusion import transformer_names, unet_names
from studio.models.k_diffusion.config import UNetConfig
from studio.models.k_diffusion.file import KFile, read_k_file

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studio.models.learned import LearnedModel

_FORMAT = "k-diffusion"
_BUFFERS = (".kernel", "timestep_embed.weight", "time_emb.weight", "aug_emb.weight", ".freqs")


def probe(path: Path) -> bool:
    """Tell whether the file holds a network with a configuration of k-diffusion."""
    return read_k_file(path) is not None


def inspect(path: Path) -> ModelInfo:
    """Return what the configuration says.

    Raises:
        ModelError: it makes no sense, or is of a network that is not known here.
    """
    return facts(path, read_header(path), **_others(_file(path)))


def read_header(path: Path) -> Header:
    """Return the description of the network.

    Raises:
        ModelError: the configuration makes no sense, or is of a network that is not known here.
    """
    return _file(path).header()


def read_tensors(path: Path) -> "dict[str, Tensor]":
    """Return the averaged tensors under the studio's names.

    Raises:
        ModelError: the file is damaged.
    """
    file = _file(path)
    model = file.config().model
    tensors: dict[str, Tensor] = {}
    for theirs, tensor in file.named.load().items():
        if isinstance(model, UNetConfig):
            tensors[unet_names.our_name(theirs, model.self_attn_depths)] = tensor
            continue
        name = transformer_names.our_name(theirs)
        if name == "map_label.weight":  # the last class is none; the others are told from it
            none = tensors["no_class"] = tensor[-1].float()
            tensors[name] = (tensor[:-1].float() - none).T / math.sqrt(len(tensor) - 1)
        else:
            tensors[name] = tensor
    return {f"model.{name}": tensor for name, tensor in tensors.items()}


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "LearnedModel":
    """Return the network with its averaged weights on `device`, computing in `dtype`.

    Raises:
        ModelError: the file is damaged, or of a network that is not known here.
    """
    from studio.models.rebuilt import rebuilt

    others = _others(_file(path))
    return rebuilt(
        path, read_header(path), read_tensors(path), device=device, dtype=dtype, **others
    )


def _others(file: KFile) -> dict[str, Any]:
    shapes = file.named.shapes
    counted = sum(math.prod(s) for name, s in shapes.items() if not name.endswith(_BUFFERS))
    return {"format": _FORMAT, "parameters": counted}


def _file(path: Path) -> KFile:
    file = read_k_file(path)
    if file is None:
        raise ModelError(f"“{path.name}” holds no network of k-diffusion any more.")
    return file
