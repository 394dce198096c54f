"""The options of networks as they are read from a file, which is not to be trusted."""

from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

# Far above every published network, and low enough that describing one (on the meta device, without
# memory) takes less than a second. What is allocated is bounded by the tensors in the file.
_Channels = Annotated[int, Field(ge=1, le=4096)]
_Factor = Annotated[int, Field(ge=1, le=32)]
_Dropout = Annotated[float, Field(ge=0, lt=1)]
_Share = Annotated[float, Field(gt=0, lt=1)]
_Tap = Annotated[float, Field(ge=-1e3, le=1e3, allow_inf_nan=False)]

_Options = TypeVar("_Options", bound="NetworkOptions")


class NetworkOptions(BaseModel):
    """Hold what every network of pictures has; each kind adds its own options."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    img_resolution: Annotated[int, Field(ge=1, le=2048)]
    in_channels: _Channels
    out_channels: _Channels
    label_dim: Annotated[int, Field(ge=0, le=100_000)] = 0
    augment_dim: Annotated[int, Field(ge=0, le=1024)] = 0

    @property
    def multiple(self) -> int:
        """Return what a side of the network's input has to be a multiple of."""
        return 1

    def resized(self, side: int) -> Self:
        """Return the options of the same network for pictures of another side."""
        return self.model_copy(update={"img_resolution": side})


class UNetOptions(NetworkOptions):
    """Hold what the networks of EDM and EDM2 have in common.

    The names and meanings are those of their public code.
    """

    model_channels: Annotated[int, Field(ge=4, le=4096, multiple_of=2)]
    channel_mult: Annotated[tuple[_Factor, ...], Field(min_length=1, max_length=8)]
    num_blocks: Annotated[int, Field(ge=1, le=16)]
    attn_resolutions: Annotated[tuple[int, ...], Field(max_length=16)]
    dropout: _Dropout
    label_dropout: _Dropout = 0.0

    @property
    def multiple(self) -> int:
        """Return what a side of the network's input has to be a multiple of."""
        return 1 << (len(self.channel_mult) - 1)

    def resized(self, side: int) -> Self:
        """Return the options for another side, with attention at the same levels."""
        levels = range(len(self.channel_mult))
        attends = [n for n in levels if self.img_resolution >> n in self.attn_resolutions]
        sides = tuple(side >> n for n in attends)
        return self.model_copy(update={"img_resolution": side, "attn_resolutions": sides})

    @model_validator(mode="after")
    def _check_sizes(self) -> Self:
        if self.img_resolution % self.multiple:
            raise ValueError(
                f"img_resolution {self.img_resolution} cannot be halved "
                f"{len(self.channel_mult) - 1} times"
            )
        return self


class SongUNetOptions(UNetOptions):
    """Hold the keyword arguments of `SongUNet`, each checked for type and size.

    The names, defaults and meanings are those of the public EDM code.
    """

    model_channels: Annotated[int, Field(ge=4, le=4096, multiple_of=2)] = 128
    channel_mult: Annotated[tuple[_Factor, ...], Field(min_length=1, max_length=8)] = (1, 2, 2, 2)
    channel_mult_emb: _Factor = 4
    num_blocks: Annotated[int, Field(ge=1, le=16)] = 4
    attn_resolutions: Annotated[tuple[int, ...], Field(max_length=16)] = (16,)
    dropout: _Dropout = 0.10
    embedding_type: Literal["positional", "fourier"] = "positional"
    channel_mult_noise: _Factor = 1
    encoder_type: Literal["standard", "skip", "residual"] = "standard"
    decoder_type: Literal["standard", "skip"] = "standard"
    resample_filter: Annotated[tuple[_Tap, ...], Field(min_length=2, max_length=8)] = (1, 1)

    @model_validator(mode="after")
    def _check_filter(self) -> Self:
        return _with_sound_filter(self, self.resample_filter)


class DhariwalUNetOptions(UNetOptions):
    """Hold the keyword arguments of `DhariwalUNet`, with the defaults of the public EDM code."""

    model_channels: Annotated[int, Field(ge=4, le=4096, multiple_of=2)] = 192
    channel_mult: Annotated[tuple[_Factor, ...], Field(min_length=1, max_length=8)] = (1, 2, 3, 4)
    channel_mult_emb: _Factor = 4
    num_blocks: Annotated[int, Field(ge=1, le=16)] = 3
    attn_resolutions: Annotated[tuple[int, ...], Field(max_length=16)] = (32, 16, 8)
    dropout: _Dropout = 0.10


class EDM2UNetOptions(UNetOptions):
    """Hold the keyword arguments of `EDM2UNet`, with the defaults of the public EDM2 code."""

    model_channels: Annotated[int, Field(ge=4, le=4096)] = 192
    channel_mult: Annotated[tuple[_Factor, ...], Field(min_length=1, max_length=8)] = (1, 2, 3, 4)
    channel_mult_noise: _Factor | None = None
    channel_mult_emb: _Factor | None = None
    num_blocks: Annotated[int, Field(ge=1, le=16)] = 3
    attn_resolutions: Annotated[tuple[int, ...], Field(max_length=16)] = (16, 8)
    label_balance: _Share = 0.5
    concat_balance: _Share = 0.5
    resample_filter: Annotated[tuple[_Tap, ...], Field(min_length=2, max_length=8)] = (1, 1)
    channels_per_head: Annotated[int, Field(ge=1, le=4096)] = 64
    dropout: _Dropout = 0.0
    res_balance: _Share = 0.3
    attn_balance: _Share = 0.3
    clip_act: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = 256

    @model_validator(mode="after")
    def _check_taps(self) -> Self:
        return _with_sound_filter(self, self.resample_filter)


def _with_sound_filter(options: "_Options", taps: tuple[float, ...]) -> "_Options":
    if len(taps) % 2 or sum(taps) == 0:
        raise ValueError("resample_filter must have an even number of taps and a sum")
    return options


class PlaneMLPOptions(BaseModel):
    """Hold the keyword arguments of `PlaneMLP`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    width: Annotated[int, Field(ge=4, le=4096)] = 128
    blocks: Annotated[int, Field(ge=1, le=32)] = 3
    label_dim: Annotated[int, Field(ge=0, le=1024)] = 0
