"""The header of a network of points in the plane, with the distribution that it learned from."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from studio.models.header import AnyHeader
from studio.models.networks.options import PlaneMLPOptions
from studio.models.toy.file import ToyFile

NETWORK = "PlaneMLP"


class PlaneHeader(AnyHeader):
    """Describe a perceptron, its preconditioning and the points that it learned from.

    The exact distribution goes along, so that what was learned can be seen against it.
    """

    network: Literal["PlaneMLP"] = "PlaneMLP"
    kwargs: PlaneMLPOptions
    image: tuple[Literal[2], Literal[1], Literal[1]] = (2, 1, 1)
    distribution: Annotated[ToyFile, Field(discriminator="kind")]

    @model_validator(mode="after")
    def _check_agreement(self) -> Self:
        if self.kwargs.label_dim != len(self.classes):
            raise ValueError(f"{len(self.classes)} class names for {self.kwargs.label_dim} classes")
        if self.classes and self.classes != self.distribution.classes:
            raise ValueError("the classes are not those of the distribution")
        if self.sigma_min >= self.sigma_max:
            raise ValueError("sigma_min is not below sigma_max")
        return self
