"""A checkpoint of a training run, or a whole run folder, which is opened at its newest one."""

from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.checkpoints import model_in
from studio.models.errors import ModelError
from studio.models.formats import lora, native, plane, tuned_latent
from studio.models.info import ModelInfo

if TYPE_CHECKING:
    import torch

    from studio.models.model import Model
    from studio.models.registry import Format


def probe(path: Path) -> bool:
    """Tell whether this is the folder of a checkpoint, or of a run that has one."""
    return path.is_dir() and model_in(path) is not None


def inspect(path: Path) -> ModelInfo:
    """Return what the header of the model says.

    Raises:
        ModelError: the model is damaged.
    """
    file = _file(path)
    return _format(file).inspect(file)


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "Model":
    """Return the averaged network, that of a LoRA with the model it was trained on.

    Raises:
        ModelError: the model is damaged, or the one that a LoRA belongs to is not here.
    """
    file = _file(path)
    return _format(file).load(file, device, dtype)


def _file(path: Path) -> Path:
    file = model_in(path)
    if file is None:
        raise ModelError(f"“{path}” holds no checkpoint any more; choose another model.")
    return file


def _format(file: Path) -> "Format":
    for known in (lora, plane, tuned_latent):
        if known.probe(file):
            return known
    return native
