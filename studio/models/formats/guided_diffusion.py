"""Checkpoints of improved and guided diffusion: the bare tensors of their U-Net.

Everything but the side of the pictures, the attention heads and the noise schedule follows from the
shapes; those are known of the published files, and asked about of others.
"""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.models.errors import ModelError
from studio.models.facts import facts
from studio.models.guided_diffusion import classifier
from studio.models.guided_diffusion.describe import FORMAT, form_for, header_for
from studio.models.guided_diffusion.file import guided_tensors
from studio.models.guided_diffusion.names import our_name
from studio.models.guided_diffusion.shapes import Found, inferred, is_classifier
from studio.models.header import Header
from studio.models.info import ModelInfo
from studio.models.presets.form import Form
from studio.models.presets.settling import by_name, settled, with_kept
from studio.models.torch_file import NamedTensors

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studio.models.learned import LearnedModel


def probe(path: Path) -> bool:
    """Tell whether the file holds the tensors of such a U-Net, or of a classifier beside one."""
    return guided_tensors(path) is not None


def form(path: Path) -> Form:
    """Return what the file leaves open.

    Raises:
        ModelError: its layers make no such network.
    """
    shapes = _named(path).shapes
    if is_classifier(shapes):
        return with_kept(classifier.form_for(path, classifier.found_classifier(path, shapes)))
    return with_kept(form_for(path, _found(path)))


def inspect(path: Path) -> ModelInfo:
    """Return what the shapes and the settings say.

    Raises:
        ModelError: its layers make no such network, or its settings are open (SettingsNeeded).
    """
    return facts(path, read_header(path), **_others(path))


def read_header(path: Path) -> Header:
    """Return the description of the network.

    Raises:
        ModelError: its layers make no such network, or its settings are open (SettingsNeeded).
    """
    found = _found(path)
    asked = with_kept(form_for(path, found))
    # Others may have trained the same network on their own pictures: the file's name decides.
    named = None if asked.kept else by_name(path, asked.presets)
    return header_for(path, found, settled(asked), named.label if named else "")


def read_tensors(path: Path) -> "dict[str, Tensor]":
    """Return the tensors under the studio's names.

    Raises:
        ModelError: the file is damaged.
    """
    from studio.models.networks.resampling import Resample

    tensors: dict[str, Tensor] = {}
    for theirs, tensor in _named(path).load().items():
        name = our_name(theirs)
        if name.endswith((".qkv.weight", ".proj.weight")):
            tensors[name] = tensor[..., None]
        elif name == "map_label.weight":  # the classes are scaled by the root of their number
            tensors[name] = tensor.float().T / math.sqrt(len(tensor))
        else:
            tensors[name] = tensor
        if name.startswith("dec.") and name.endswith(".conv.weight"):
            filter_ = Resample(up=True).resample_filter
            assert filter_ is not None
            tensors[name.removesuffix("weight") + "resample_filter"] = filter_
    return {f"model.{name}": tensor for name, tensor in tensors.items()}


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "LearnedModel":
    """Return the network with its weights on `device`, computing in `dtype`.

    Raises:
        ModelError: the file is damaged, or its settings are open (SettingsNeeded).
    """
    from studio.models.rebuilt import rebuilt

    header = read_header(path)
    return rebuilt(path, header, read_tensors(path), device=device, dtype=dtype, **_others(path))


def _others(path: Path) -> dict[str, Any]:
    header = read_header(path)
    says = {"eps": "ε", "x0": "x₀"}[header.preconditioning]
    variance = ", learned variance" if header.learned_variance else ""
    return {
        "format": FORMAT,
        "parameters": _named(path).size,
        "prediction": f"{says}{variance}",
    }


def _found(path: Path) -> Found:
    named = _named(path)
    if is_classifier(named.shapes):
        raise ModelError(
            f"“{path.name}” is a classifier: it tells what pictures show and makes none. Choose it "
            "as the classifier of a model, for guidance."
        )
    try:
        return inferred(named.shapes)
    except (ValueError, KeyError, IndexError, StopIteration) as error:
        raise ModelError(
            f"“{path.name}” looks like a network of guided diffusion, but makes none ({error})."
        ) from error


def _named(path: Path) -> NamedTensors:
    named = guided_tensors(path)
    if named is None:
        raise ModelError(f"“{path.name}” holds no network of guided diffusion any more.")
    return named
