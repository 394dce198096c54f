"""A LoRA as others publish it, which is no model but goes on one."""

from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.errors import ModelError
from studio.models.info import ModelInfo
from studio.models.lora.published.file import (
    PublishedLora,
    is_published_lora,
    read_published_lora,
)

if TYPE_CHECKING:
    import torch

    from studio.models.model import Model

_LATENT = (4, 64, 64)


def probe(path: Path) -> bool:
    """Tell whether the file is a LoRA of diffusers or kohya, or something of that kind."""
    return path.is_file() and is_published_lora(path)


def inspect(path: Path) -> ModelInfo:
    """Return what the names and shapes of its tensors say.

    Raises:
        ModelError: the file is damaged, or no LoRA that is known here.
    """
    lora = read_published_lora(path)
    return ModelInfo(
        path=str(path),
        name=lora.name,
        format="lora",
        family="LoRA",
        shape=_LATENT,
        parameters=lora.parameters,
        size=path.stat().st_size,
        note=_story(lora),
    )


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "Model":
    """Refuse the file: it changes a model and is none.

    Raises:
        ModelError: always, saying what the file is and where it belongs.
    """
    raise ModelError(f"“{path.name}”: {_story(read_published_lora(path))}")


def _story(lora: PublishedLora) -> str:
    return (
        f"A LoRA of rank {lora.rank} on {len(lora.layers)} layers, for {lora.family}. It is no "
        "model: open one that it was made for, and put the LoRA on that."
    )
