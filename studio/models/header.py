"""The header of the studio's own model files, which are safetensors."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from studio.models.card import Card, Line
from studio.models.info import SIGMA_MAX, SIGMA_MIN
from studio.models.networks.options import SongUNetOptions

_Side = Annotated[int, Field(ge=1, le=4096)]
_Level = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]


class AnyHeader(Card):
    """Hold what every kind of network says of itself: JSON in the metadata under "config"."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    preconditioning: Literal["EDM"] = "EDM"
    sigma_data: _Level
    image: tuple[_Side, _Side, _Side]
    classes: Annotated[tuple[Line, ...], Field(max_length=100_000)] = ()
    sigma_min: _Level = SIGMA_MIN
    sigma_max: _Level = SIGMA_MAX
    kimg: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0

    @property
    def class_names(self) -> tuple[str, ...]:
        """Return a name for every class."""
        return self.classes

    def metadata(self) -> dict[str, str]:
        """Return the safetensors metadata that holds this header."""
        return {"config": self.model_dump_json()}


class Header(AnyHeader):
    """Describe a network, its preconditioning and its classes.

    Written as JSON into the safetensors metadata under "config". The names of the tensors begin
    with "model."; `kwargs` are those of the network. With `space_to_depth` s the network works on
    pictures rearranged into s² times the channels. Twice the channels at the end are those of the
    picture and of a learned variance, which the samplers do not need. Unknown entries are left
    aside.
    """

    network: Literal["SongUNet"]
    preconditioning: Literal["EDM"]
    kwargs: SongUNetOptions
    space_to_depth: Annotated[int, Field(ge=1, le=16)] = 1
    labels: Literal["one-hot"] = "one-hot"

    @model_validator(mode="after")
    def _check_agreement(self) -> Self:
        channels, height, width = self.image
        wanted = channels * self.space_to_depth**2
        if self.kwargs.in_channels != wanted or self.kwargs.out_channels not in (
            wanted,
            2 * wanted,
        ):
            raise ValueError(f"pictures of {channels} channels need a network of {wanted}")
        if height != width or height != self.kwargs.img_resolution * self.space_to_depth:
            raise ValueError(
                f"pictures of {height}x{width} do not fit a network of {self.kwargs.img_resolution}"
            )
        if self.classes and len(self.classes) != self.kwargs.label_dim:
            raise ValueError(f"{len(self.classes)} class names for {self.kwargs.label_dim} classes")
        if self.sigma_min >= self.sigma_max:
            raise ValueError("sigma_min is not below sigma_max")
        return self

    @property
    def learned_variance(self) -> bool:
        """Tell whether the network has channels for the variance of a step (iDDPM)."""
        return self.kwargs.out_channels > self.kwargs.in_channels

    @property
    def class_names(self) -> tuple[str, ...]:
        """Return a name for every class, its number where the header names none."""
        return self.classes or tuple(str(index) for index in range(self.kwargs.label_dim))
