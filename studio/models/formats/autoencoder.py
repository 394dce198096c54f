"""An autoencoder on its own, which is no model but serves one."""

from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.autoencoders.file import find_autoencoder, read_autoencoder
from studio.models.autoencoders.layout import Layout
from studio.models.errors import ModelError
from studio.models.info import ModelInfo

if TYPE_CHECKING:
    import torch

    from studio.models.model import Model

_SIDE = 64


def probe(path: Path) -> bool:
    """Tell whether the file or folder holds an autoencoder and no network of a model."""
    return find_autoencoder(path) is not None


def inspect(path: Path) -> ModelInfo:
    """Return what the names and shapes of its tensors say.

    Raises:
        ModelError: the file is damaged.
    """
    file = read_autoencoder(path)
    layout = file.layout
    return ModelInfo(
        path=str(path),
        name=path.stem if path.is_file() else path.name,
        format="autoencoder",
        family=layout.kind,
        shape=(layout.channels, _SIDE, _SIDE),
        parameters=layout.parameters,
        size=file.weights.stat().st_size,
        pixels=layout.factor,
        note=_story(layout),
    )


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "Model":
    """Refuse the file: there is nothing in it that could be sampled from.

    Raises:
        ModelError: always, saying what the file is and what it is good for.
    """
    raise ModelError(f"“{path.name}”: {_story(read_autoencoder(path).layout)}")


def _story(layout: Layout) -> str:
    use = "for its previews" if layout.kind == "AutoencoderTiny" else "in place of its own"
    return (
        f"An autoencoder, not a model: it turns latents of {layout.channels} channels into "
        f"pictures {layout.factor} times their size. Open a model of such latents, and put it on "
        f"that {use}."
    )
