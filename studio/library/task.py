"""What a recipe is given beside a model: a picture, what was measured of it, or a noise."""

from typing import Annotated

from pydantic import Field, Strict

from studio.library.fields import Identifier, Knobs, Seed, Text
from studio.library.way import Part

MAX_OPERATORS = 8


class InputRef(Part):
    """A picture, mask, kernel or noise that a recipe was given: its name, hash and place.

    It is kept by the SHA-256 of its bytes; `path` is where it was kept when the recipe was made.
    """

    name: Text = ""
    sha256: Annotated[str, Strict(), Field(pattern="^[0-9a-f]{64}$")]
    path: Text = ""

    def is_same(self, other: "InputRef | None") -> bool:
        """Tell whether both are the same bytes."""
        return other is not None and self.sha256 == other.sha256


class OperatorRef(Part):
    """An operator by its id, with those of its knobs that are not at their defaults."""

    id: Identifier
    knobs: Knobs = Field(default_factory=dict)


class RestorationTask(Part):
    """What was measured of a picture that is to be restored.

    The `operators` act one after the other. `mask` is white where the picture is not known,
    `kernel` a picture of the blur; `noise` is the standard deviation of the noise on the
    measurement, in units in which pictures go from -1 to 1, drawn by `noise_seed`. Where the
    picture is `measured` it is the measurement itself, else the original of which one is made.

    Raises:
        pydantic.ValidationError: a field has the wrong type or is out of bounds (a ValueError).
    """

    picture: InputRef
    operators: Annotated[tuple[OperatorRef, ...], Field(min_length=1, max_length=MAX_OPERATORS)] = (
        OperatorRef(id="inpaint"),
    )
    mask: InputRef | None = None
    kernel: InputRef | None = None
    noise: Annotated[float, Strict(), Field(ge=0, le=100, allow_inf_nan=False)] = 0.0
    noise_seed: Seed = 0
    measured: Annotated[bool, Strict()] = False
