"""The autoencoder that a person chose for a model, and the tiny one for its previews."""

from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.autoencoders.file import AutoencoderFile, read_autoencoder
from studio.models.autoencoders.finding import find_tiny
from studio.models.autoencoders.layout import Layout
from studio.models.errors import ModelError

if TYPE_CHECKING:
    import torch
    from torch import nn


def check_fit(path: Path, latent: tuple[int, int]) -> Layout:
    """Return what autoencoder lies at `path`, if a model of such latents can use it; no torch.

    latent: the channels of the latents of the model and the picture pixels per latent pixel.

    Raises:
        ModelError: there is none, or it is for other latents.
    """
    layout = _there(path).layout
    tiny = layout.kind == "AutoencoderTiny"
    if layout.channels != latent[0] or (tiny and layout.factor != latent[1]):
        raise _unfit(path, layout, f"{latent[0]} at 1/{latent[1]}")
    return layout


def chosen_autoencoder(
    path: Path, channels: int, device: "torch.device", dtype: "torch.dtype"
) -> "nn.Module":
    """Return the autoencoder that is to be used in place of a model's own.

    channels: those of the latents that the model works on.

    Raises:
        ModelError: there is none at `path`, or it is for other latents.
    """
    from studio.models.autoencoders.open import open_autoencoder

    file = _there(path)
    if file.layout.channels != channels:
        raise _unfit(path, file.layout, str(channels))
    if not file.layout.encodes:
        raise ModelError(f"“{path.name}” only decodes; choose it for previews instead.")
    return open_autoencoder(path, device, dtype)


def tiny_autoencoder(
    wish: str,
    model: Path,
    latent: tuple[int, int],
    device: "torch.device",
    dtype: "torch.dtype",
    *,
    large: bool,
) -> "nn.Module | None":
    """Return the tiny autoencoder for the previews of a model; None if there is none.

    wish: the path that was chosen; empty for one that lies beside the model. latent: the channels
    of its latents and the picture pixels per latent pixel. large: the model is an XL.

    Raises:
        ModelError: what was chosen is none, or for other latents.
    """
    from studio.models.autoencoders.open import open_autoencoder

    path = Path(wish) if wish else find_tiny(model, *latent, large=large)
    if path is None:
        return None
    layout = _there(path).layout
    if layout.kind != "AutoencoderTiny":
        raise ModelError(f"“{path.name}” is no tiny autoencoder; choose a TAESD for previews.")
    if (layout.channels, layout.factor) != latent:
        raise _unfit(path, layout, f"{latent[0]} at 1/{latent[1]}")
    return open_autoencoder(path, device, dtype)


def _there(path: Path) -> AutoencoderFile:
    if not path.exists():
        raise ModelError(f"There is no autoencoder at “{path}”; put it back, or choose another.")
    return read_autoencoder(path)


def _unfit(path: Path, layout: Layout, wanted: str) -> ModelError:
    return ModelError(
        f"“{path.name}” is an autoencoder for latents of {layout.channels} channels at "
        f"1/{layout.factor} of the size, but the model works on {wanted}. Choose one that was made "
        "for it, or its own."
    )
