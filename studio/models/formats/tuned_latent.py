"""A model of latents that was trained further here; all but its network is in the model before."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.errors import ModelError
from studio.models.info import ModelInfo
from studio.models.latent.tuned import TunedHeader, find_base, is_tuned, read_tuned

if TYPE_CHECKING:
    import torch

    from studio.models.latent.model import LatentModel


def probe(path: Path) -> bool:
    """Tell whether the file holds what was trained of a model of latents."""
    return is_tuned(path)


def inspect(path: Path) -> ModelInfo:
    """Return the facts about the model that it makes with the one before.

    Raises:
        ModelError: the file is damaged, or the model before is not here.
    """
    from studio.models.open import inspect_model

    header = read_tuned(path)
    return _facts(path, header, inspect_model(find_base(path, header)))


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "LatentModel":
    """Return the model before with what was trained in place of its own weights, or added to them.

    Raises:
        ModelError: the file is damaged, or the model before is not here or is none of latents.
    """
    from studio.models.latent.model import LatentModel
    from studio.models.open import load_model

    header = read_tuned(path)
    model = load_model(find_base(path, header), device, dtype)
    if not isinstance(model, LatentModel):
        raise ModelError(
            f"“{header.base.name}” is no model of latents, but “{path.name}” needs one."
        )
    if header.rank:
        model.wear([(str(path), 1.0)])
        model.settle()
    else:
        model.refill(path)
    model.info = _facts(path, header, model.info)
    return model


def _facts(path: Path, header: TunedHeader, base: ModelInfo) -> ModelInfo:
    shown = ", ".join(f"“{prompt}”" for prompt in header.prompts[:4])
    told = f" Its prompts were {shown}{' …' if len(header.prompts) > 4 else ''}." if shown else ""
    what = f"A LoRA of rank {header.rank}" if header.rank else "Trained further"
    return replace(
        base,
        path=str(path),
        name=header.name or path.stem,
        format="tuned latents",
        size=path.stat().st_size,
        licence=header.terms or base.licence,
        note=header.note or f"{what} from “{header.base.name}”.{told}",
    )
