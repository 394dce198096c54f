"""ADM, the network of guided diffusion, as EDM trains it."""

from typing import TYPE_CHECKING

from studio.models.networks.options import DhariwalUNetOptions

if TYPE_CHECKING:
    from torch import nn

NAME = "DhariwalUNet"
OPTIONS = DhariwalUNetOptions


def family(_options: DhariwalUNetOptions) -> str:
    """Return the name by which the field knows the network."""
    return "ADM"


def build(options: DhariwalUNetOptions) -> "nn.Module":
    """Return the network with new weights, on torch's default device.

    Raises:
        ValueError: the options contradict each other.
    """
    from studio.models.networks.dhariwal_unet import DhariwalUNet

    return DhariwalUNet(**options.model_dump())
