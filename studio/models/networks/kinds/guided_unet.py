"""The U-Net of improved and guided diffusion."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from studio.models.networks.options import NetworkOptions

if TYPE_CHECKING:
    from torch import nn

NAME = "GuidedUNet"

_Factor = Annotated[float, Field(gt=0, le=32, allow_inf_nan=False)]


class GuidedUNetOptions(NetworkOptions):
    """Hold the keyword arguments of `GuidedUNet`, each checked for type and size.

    `attends` tells for each level of `channel_mult` whether it has self-attention. A
    `num_head_channels` of 0 counts the heads by `num_heads` instead.
    """

    model_channels: Annotated[int, Field(ge=2, le=4096, multiple_of=2)] = 128
    channel_mult: Annotated[tuple[_Factor, ...], Field(min_length=1, max_length=10)]
    num_blocks: Annotated[int, Field(ge=1, le=16)] = 2
    attends: Annotated[tuple[bool, ...], Field(min_length=1, max_length=10)]
    num_heads: Annotated[int, Field(ge=1, le=256)] = 4
    num_head_channels: Annotated[int, Field(ge=0, le=4096)] = 0
    new_order: bool = False
    scale_shift: bool = True
    resblock_updown: bool = True
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    manner: Literal["guided", "ddpm"] = "guided"

    @property
    def multiple(self) -> int:
        """Return what a side of the network's input has to be a multiple of."""
        return 1 << (len(self.channel_mult) - 1)

    @model_validator(mode="after")
    def _check_levels(self) -> Self:
        if len(self.attends) != len(self.channel_mult):
            raise ValueError(f"{len(self.attends)} levels of {len(self.channel_mult)} may attend")
        if self.img_resolution % self.multiple:
            raise ValueError(f"{self.img_resolution} is no multiple of {self.multiple}")
        return self


OPTIONS = GuidedUNetOptions


def family(options: GuidedUNetOptions) -> str:
    """Return the name by which the field knows the network."""
    if options.manner == "ddpm":
        return "DDPM"
    return "ADM" if options.resblock_updown else "Improved DDPM"


def build(options: GuidedUNetOptions) -> "nn.Module":
    """Return the network with new weights, on torch's default device.

    Raises:
        ValueError: the options contradict each other.
    """
    from studio.models.networks.guided_unet import GuidedUNet

    return GuidedUNet(**options.model_dump())
