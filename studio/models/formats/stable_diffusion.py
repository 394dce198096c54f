"""Stable Diffusion 1, 2 and XL in one file: safetensors, or a checkpoint of torch."""

from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.containers import shapes_in, shapes_or_none
from studio.models.info import ModelInfo
from studio.models.presets.form import Form
from studio.models.presets.settling import settled
from studio.models.single_file.facts import facts_of, told
from studio.models.single_file.layout import read_layout
from studio.models.single_file.settings import form_for
from studio.models.single_file.unet import is_network

if TYPE_CHECKING:
    import torch

    from studio.models.latent.model import LatentModel


def probe(path: Path) -> bool:
    """Tell whether the file has a network of this family, by the names of its tensors."""
    return path.is_file() and is_network(shapes_or_none(path))


def form(path: Path) -> Form:
    """Return the settings of a file: what it predicts, and other autoencoders.

    Raises:
        ModelError: the file is damaged.
    """
    return form_for(path, read_layout(path, shapes_in(path)))


def inspect(path: Path) -> ModelInfo:
    """Return what the names and shapes of its tensors say.

    Raises:
        ModelError: the file is damaged.
    """
    found = read_layout(path, shapes_in(path))
    answers = settled(form_for(path, found))
    zero = answers["zero_terminal"]
    return facts_of(path, found, predicts=answers["predicts"], zero=zero)


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "LatentModel":
    """Return the model with its text encoders and its autoencoder.

    Raises:
        ModelError: the file is damaged, lacks a part, or is of a build that is not known here.
    """
    from studio.models.latent.model import LatentModel
    from studio.models.single_file.open import open_parts

    info = inspect(path)
    parts = open_parts(path, settled(form(path)), device, dtype)
    return LatentModel(told(info, parts.scheduler), parts, device, dtype)
