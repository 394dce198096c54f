"""The hourglass transformer of k-diffusion."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from studio.models.networks.options import NetworkOptions

if TYPE_CHECKING:
    from torch import nn

NAME = "KTransformer"

_Depth = Annotated[int, Field(ge=1, le=64)]
_Width = Annotated[int, Field(ge=8, le=8192)]
_Inner = Annotated[int, Field(ge=1, le=32_768)]
_Head = Annotated[int, Field(ge=8, le=1024, multiple_of=8)]
_Window = Annotated[int, Field(ge=1, le=256)]
_Rate = Annotated[float, Field(ge=0, lt=1)]
_Side = Annotated[int, Field(ge=1, le=64)]
_Attention = Literal["global", "neighborhood", "shifted-window", "none"]
_Levels = Field(min_length=1, max_length=10)


class KTransformerOptions(NetworkOptions):
    """Hold the keyword arguments of `KTransformer`, each checked for type and size."""

    patch: tuple[_Side, _Side]
    depths: Annotated[tuple[_Depth, ...], _Levels]
    widths: Annotated[tuple[_Width, ...], _Levels]
    inner: Annotated[tuple[_Inner, ...], _Levels]
    attention: Annotated[tuple[_Attention, ...], _Levels]
    heads: Annotated[tuple[_Head, ...], _Levels]
    windows: Annotated[tuple[_Window, ...], _Levels]
    dropout: _Rate = 0.0
    features: Annotated[int, Field(ge=2, le=8192, multiple_of=2)]
    mapping_depth: Annotated[int, Field(ge=0, le=32)] = 2
    mapping_inner: _Inner

    @property
    def multiple(self) -> int:
        """Return what a side of the network's input has to be a multiple of."""
        halved = 1 << (len(self.depths) - 1)
        sides = [
            size << level
            for level, (kind, size) in enumerate(zip(self.attention, self.windows, strict=True))
            if kind == "shifted-window"
        ]
        return max(self.patch) * max([halved, *sides])

    @model_validator(mode="after")
    def _check_levels(self) -> Self:
        every = (self.widths, self.inner, self.attention, self.heads, self.windows)
        if any(len(each) != len(self.depths) for each in every):
            raise ValueError("its lists are of different numbers of levels")
        if self.img_resolution % self.multiple:
            raise ValueError(f"{self.img_resolution} is no multiple of {self.multiple}")
        return self


OPTIONS = KTransformerOptions


def family(options: KTransformerOptions) -> str:
    """Return the name by which the field knows the network."""
    return "HDiT"


def build(options: KTransformerOptions) -> "nn.Module":
    """Return the network with new weights, on torch's default device.

    Raises:
        ValueError: the options contradict each other.
    """
    from studio.models.networks.k_transformer import KTransformer

    return KTransformer(**options.model_dump())
