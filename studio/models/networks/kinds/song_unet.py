"""DDPM++ and NCSN++, as EDM trains them."""

from typing import TYPE_CHECKING

from studio.models.networks.options import SongUNetOptions

if TYPE_CHECKING:
    from torch import nn

NAME = "SongUNet"
OPTIONS = SongUNetOptions

_KNOWN = {
    ("positional", "standard", "standard"): "DDPM++",
    ("fourier", "residual", "standard"): "NCSN++",
}


def family(options: SongUNetOptions) -> str:
    """Return the name by which the field knows the network."""
    kind = (options.embedding_type, options.encoder_type, options.decoder_type)
    return _KNOWN.get(kind, NAME)


def build(options: SongUNetOptions) -> "nn.Module":
    """Return the network with new weights, on torch's default device.

    Raises:
        ValueError: the options contradict each other.
    """
    from studio.models.networks.song_unet import SongUNet

    return SongUNet(**options.model_dump())
