"""The autoencoders that a person chose for a model of latents, as settings of its file."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.diffusion import Knob
from studio.models.autoencoders.choosing import chosen_autoencoder, tiny_autoencoder
from studio.models.presets.form import Answers, Form, Preset

if TYPE_CHECKING:
    import torch

    from studio.models.latent.parts import Parts

VAE = Knob(
    id="vae",
    label="Autoencoder",
    default="",
    parse=str,
    help="An autoencoder to use in place of the model's own: a file or a folder. Empty: its own.",
)
TINY = Knob(
    id="tiny",
    label="Tiny autoencoder",
    default="",
    parse=str,
    help="A TAESD for previews: a file or a folder. Empty: one that lies beside the model, if any.",
)


def form_of_parts(path: Path, format: str) -> Form:
    """Return the settings of a model of latents that says everything else itself."""
    usual = Preset("own", "Its own autoencoder", {VAE.id: "", TINY.id: ""})
    return Form(path, format, (VAE, TINY), (usual,), usual)


def with_wishes(
    parts: "Parts",
    path: Path,
    answers: Answers,
    *,
    device: "torch.device",
    dtype: "torch.dtype",
    large: bool,
) -> "Parts":
    """Return the parts of a model with the autoencoders that were chosen, and a tiny one if any.

    large: the model is an XL.

    Raises:
        ModelError: a file is gone, is no autoencoder, or is for other latents.
    """
    from studio.models.codecs.latent import LatentCodec

    codec = parts.codec or LatentCodec(parts.autoencoder)
    channels, wish = codec.autoencoder.channels, str(answers[VAE.id])
    if wish:
        codec = codec.around(chosen_autoencoder(Path(wish), channels, device, dtype))
    latent = channels, codec.factor
    tiny = tiny_autoencoder(str(answers[TINY.id]), path, latent, device, dtype, large=large)
    if tiny is not None:
        codec = codec.around(codec.autoencoder.module, tiny)
    return replace(parts, autoencoder=codec.autoencoder.module, codec=codec)
