"""The U-Net of k-diffusion."""

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from studio.models.networks.options import NetworkOptions

if TYPE_CHECKING:
    from torch import nn

NAME = "KUNet"

_Depth = Annotated[int, Field(ge=1, le=32)]
_Width = Annotated[int, Field(ge=1, le=8192)]


class KUNetOptions(NetworkOptions):
    """Hold the keyword arguments of `KUNet`, each checked for type and size."""

    features: Annotated[int, Field(ge=2, le=8192, multiple_of=2)]
    depths: Annotated[tuple[_Depth, ...], Field(min_length=1, max_length=10)]
    channels: Annotated[tuple[_Width, ...], Field(min_length=1, max_length=10)]
    attends: Annotated[tuple[bool, ...], Field(min_length=1, max_length=10)]
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    skip_stages: Annotated[int, Field(ge=0, le=9)] = 0
    has_variance: bool = False

    @property
    def multiple(self) -> int:
        """Return what a side of the network's input has to be a multiple of."""
        return 1 << (len(self.depths) - 1 - self.skip_stages)

    @model_validator(mode="after")
    def _check_levels(self) -> Self:
        if not len(self.depths) == len(self.channels) == len(self.attends):
            raise ValueError("depths, channels and attention are of different numbers of levels")
        if self.skip_stages >= len(self.depths):
            raise ValueError("every level is left out")
        if self.img_resolution % self.multiple:
            raise ValueError(f"{self.img_resolution} is no multiple of {self.multiple}")
        return self


OPTIONS = KUNetOptions


def family(options: KUNetOptions) -> str:
    """Return the name by which the field knows the network."""
    return "k-diffusion U-Net"


def build(options: KUNetOptions) -> "nn.Module":
    """Return the network with new weights, on torch's default device.

    Raises:
        ValueError: the options contradict each other.
    """
    from studio.models.networks.k_unet import KUNet

    return KUNet(**options.model_dump())
