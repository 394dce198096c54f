"""How the person likes to read a trajectory."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class ReadingChoice(BaseModel):
    """What the plot over the steps measures, and how steps and takes are compared.

    `onion_before` and `onion_after` count steps; `tolerance` is the share of the range of a picture
    within which a pixel counts as settled; `difference` is the mean over channels with its sign, or
    their root mean square; `pair` names what lies on both sides of the A/B line: x̂₀ of two steps,
    of two takes, or x and x̂₀ of one step.

    Raises:
        pydantic.ValidationError: a value is out of bounds (a ValueError).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    measure: Annotated[str, Field(pattern="^[a-z0-9_]{1,32}$")] = "error"
    onion: bool = False
    onion_before: Annotated[int, Field(ge=0, le=8)] = 2
    onion_after: Annotated[int, Field(ge=0, le=8)] = 0
    onion_opacity: Annotated[float, Field(ge=0, le=1)] = 0.4
    tolerance: Annotated[float, Field(gt=0, le=1)] = 1 / 16
    difference: Literal["signed", "rms"] = "signed"
    pair: Literal["steps", "takes", "noise"] = "steps"

    def changed(self, **fields: object) -> "ReadingChoice":
        """Return a copy in which some choices differ.

        Raises:
            pydantic.ValidationError: a value does not suit (a ValueError).
        """
        return type(self).model_validate({**dict(self), **fields})
