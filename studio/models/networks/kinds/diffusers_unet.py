"""The U-Net of the diffusers library for pictures: DDPM, and score models with Fourier features."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from studio.models.networks.options import NetworkOptions

if TYPE_CHECKING:
    from torch import nn

NAME = "UNet2DModel"

_Width = Annotated[int, Field(ge=4, le=8192)]
_Down = Literal[
    "DownBlock2D",
    "AttnDownBlock2D",
    "ResnetDownsampleBlock2D",
    "SkipDownBlock2D",
    "AttnSkipDownBlock2D",
]
_Up = Literal[
    "UpBlock2D", "AttnUpBlock2D", "ResnetUpsampleBlock2D", "SkipUpBlock2D", "AttnSkipUpBlock2D"
]
_Number = Annotated[float, Field(ge=-1e3, le=1e3, allow_inf_nan=False)]


class UNet2DOptions(NetworkOptions):
    """Hold the arguments of diffusers' UNet2DModel, each checked for type and size.

    `unit_data` tells that the network is shown pictures in [0, 1]. One with Fourier features is
    told the logarithm of a noise level, and what it predicts is not divided by that level.
    """

    center_input_sample: bool = False
    time_embedding_type: Literal["positional", "fourier"] = "positional"
    time_embedding_dim: Annotated[int, Field(ge=4, le=65536)] | None = None
    freq_shift: _Number = 0.0
    flip_sin_to_cos: bool = True
    down_block_types: Annotated[tuple[_Down, ...], Field(min_length=1, max_length=12)]
    mid_block_type: Literal["UNetMidBlock2D"] | None = "UNetMidBlock2D"
    up_block_types: Annotated[tuple[_Up, ...], Field(min_length=1, max_length=12)]
    block_out_channels: Annotated[tuple[_Width, ...], Field(min_length=1, max_length=12)]
    layers_per_block: Annotated[int, Field(ge=1, le=16)] = 2
    mid_block_scale_factor: Annotated[float, Field(gt=0, le=1e3)] = 1.0
    downsample_padding: Annotated[int, Field(ge=0, le=2)] = 1
    downsample_type: Literal["conv", "resnet"] = "conv"
    upsample_type: Literal["conv", "resnet"] = "conv"
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    act_fn: Literal["silu", "swish", "mish", "gelu", "relu"] = "silu"
    attention_head_dim: Annotated[int, Field(ge=1, le=8192)] | None = 8
    norm_num_groups: Annotated[int, Field(ge=1, le=1024)] | None = 32
    attn_norm_num_groups: Annotated[int, Field(ge=1, le=1024)] | None = None
    norm_eps: Annotated[float, Field(gt=0, le=1)] = 1e-5
    resnet_time_scale_shift: Literal["default", "scale_shift"] = "default"
    add_attention: bool = True
    unit_data: bool = False

    @property
    def multiple(self) -> int:
        """Return what a side of the network's input has to be a multiple of."""
        return 1 << (len(self.block_out_channels) - 1)

    @model_validator(mode="after")
    def _check_levels(self) -> Self:
        levels = len(self.block_out_channels)
        if not levels == len(self.down_block_types) == len(self.up_block_types):
            raise ValueError("its blocks and their channels are of different numbers of levels")
        if self.img_resolution % self.multiple:
            raise ValueError(f"{self.img_resolution} is no multiple of {self.multiple}")
        return self


OPTIONS = UNet2DOptions


def family(options: UNet2DOptions) -> str:
    """Return the name by which the field knows the network."""
    if options.time_embedding_type == "fourier":
        return "NCSN++"
    return "DDPM"


def build(options: UNet2DOptions) -> "nn.Module":
    """Return the network with new weights, on torch's default device.

    Raises:
        ValueError: the options contradict each other.
    """
    from studio.models.networks.diffusers_unet import DiffusersUNet

    return DiffusersUNet(**options.model_dump())
