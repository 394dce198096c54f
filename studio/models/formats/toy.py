"""A distribution of points in the plane, described in JSON, as its exact denoiser."""

from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.info import ModelInfo
from studio.models.toy.file import SUFFIX, Components, ToyFile, is_toy, read_toy

if TYPE_CHECKING:
    import torch

    from studio.models.toy.model import ToyModel

_EXACT = "A distribution in the plane with its exact denoiser, score and density in closed form."


def probe(path: Path) -> bool:
    """Tell whether the file is JSON that calls itself a toy model."""
    return is_toy(path)


def inspect(path: Path) -> ModelInfo:
    """Return what the file says.

    Raises:
        ModelError: the file is damaged or describes no distribution.
    """
    toy = read_toy(path)
    return _info(path, toy, toy.components())


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "ToyModel":
    """Return the exact denoiser, which always computes in the best type there is.

    Raises:
        ModelError: the file is damaged or describes no distribution.
    """
    from studio.models.toy.model import ToyModel

    toy = read_toy(path)
    components = toy.components()
    return ToyModel(_info(path, toy, components), components, device)


def _info(path: Path, toy: ToyFile, components: Components) -> ModelInfo:
    return ModelInfo(
        path=str(path),
        name=toy.name or path.name.removesuffix(SUFFIX),
        format="toy",
        family=toy.family,
        shape=(2, 1, 1),
        sigma_data=components.deviation or 0.5,
        classes=toy.classes,
        components=len(components.weights),
        size=path.stat().st_size,
        prediction="exact",
        note=" ".join(filter(None, (toy.note, _EXACT))),
        licence=toy.terms,
        window=components.window,
    )
