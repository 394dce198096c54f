"""The network of EDM2."""

from typing import TYPE_CHECKING

from studio.models.networks.options import EDM2UNetOptions

if TYPE_CHECKING:
    from torch import nn

NAME = "EDM2UNet"
OPTIONS = EDM2UNetOptions

_SIZES = {64: "XXS", 128: "XS", 192: "S", 256: "M", 320: "L", 384: "XL", 448: "XXL"}


def family(options: EDM2UNetOptions) -> str:
    """Return the name by which the field knows the network, with its size."""
    size = _SIZES.get(options.model_channels, "")
    return f"EDM2 {size}".strip()


def build(options: EDM2UNetOptions) -> "nn.Module":
    """Return the network with new weights, on torch's default device.

    Raises:
        ValueError: the options contradict each other.
    """
    from studio.models.networks.edm2_unet import EDM2UNet

    return EDM2UNet(**options.model_dump())
