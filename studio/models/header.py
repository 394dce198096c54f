"""The header of the studio's own model files, which are safetensors."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import to_json

from studio.diffusion.preconditioning import PRECONDITIONINGS, Preconditioning
from studio.models.card import Card, Line, complaint
from studio.models.info import SIGMA_MAX, SIGMA_MIN
from studio.models.networks.options import NetworkOptions
from studio.models.networks.registry import Kind, all_kinds

_Side = Annotated[int, Field(ge=1, le=4096)]
_Level = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
_Number = Annotated[float, Field(allow_inf_nan=False)]
_Table = Annotated[tuple[_Number, ...], Field(max_length=100_000)]


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
    with "model."; `kwargs` are those of the kind of network (`studio.models.networks.kinds`),
    `knobs` those of the preconditioning (`studio.diffusion.preconditioning`). With `space_to_depth`
    s the network works on pictures rearranged into s² times the channels. Twice the channels at the
    end are those of the picture and of a learned variance, which the samplers do not need. Unknown
    entries are left aside.
    """

    network: Line
    preconditioning: Line  # type: ignore[assignment]
    knobs: dict[Line, bool | _Number | Line | _Table] = Field(default_factory=dict)
    kwargs: SerializeAsAny[NetworkOptions]
    space_to_depth: Annotated[int, Field(ge=1, le=16)] = 1
    labels: Literal["one-hot"] = "one-hot"

    @property
    def kind(self) -> Kind:
        """Return the kind of its network."""
        return all_kinds()[self.network]

    @property
    def factors(self) -> Callable[[Any], Preconditioning[Any]]:
        """Return the preconditioning, a function of sigma: a number or a tensor."""
        knobs: dict[str, Any] = dict(self.knobs)
        if self.preconditioning == "EDM":
            knobs.setdefault("sigma_data", self.sigma_data)
        return partial(PRECONDITIONINGS[self.preconditioning.lower()], **knobs)

    @property
    def table(self) -> tuple[float, ...]:
        """Return the falling noise levels of a network that knows only some; empty: any."""
        table = self.knobs.get("table", ())
        return tuple(sorted(table, reverse=True)) if isinstance(table, tuple) else ()

    @field_validator("network")
    @classmethod
    def _check_network(cls, name: str) -> str:
        if name not in all_kinds():
            raise ValueError(f"“{name[:40]}” is none of {', '.join(sorted(all_kinds()))}")
        return name

    @field_validator("kwargs", mode="before")
    @classmethod
    def _read_options(cls, value: object, info: ValidationInfo) -> object:
        kind = all_kinds().get(info.data.get("network", ""))
        if kind is None or not isinstance(value, dict):
            return value
        try:
            if info.mode == "json":  # where tuples are written as lists
                return kind.OPTIONS.model_validate_json(to_json(value))
            return kind.OPTIONS.model_validate(value)
        except ValidationError as error:
            raise ValueError(complaint(error)) from None

    @field_validator("preconditioning")
    @classmethod
    def _check_preconditioning(cls, name: str) -> str:
        if name.lower() not in PRECONDITIONINGS:
            raise ValueError(f"“{name[:40]}” is none of {', '.join(PRECONDITIONINGS)}")
        return name

    @model_validator(mode="after")
    def _check_knobs(self) -> Self:
        try:
            self.factors(1.0)
        except TypeError as error:
            raise ValueError(f"the preconditioning has no such knobs ({error})") from None
        return self

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
