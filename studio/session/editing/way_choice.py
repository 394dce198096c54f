"""What can be chosen about the way between two pictures, or two classes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from studio.diffusion import Knob

Mode = Literal["between", "classes"]

FRAMES = Knob(
    "frames",
    "Frames",
    25,
    low=2,
    high=1000,
    soft=(5, 61),
    help="How many pictures the way has, both ends among them.",
)
WAY_STEPS = Knob(
    "way_steps",
    "Steps",
    32,
    low=2,
    high=10_000,
    soft=(8, 128),
    log=True,
    help="Steps of the solver, from noise to each picture, and from a picture to its noise.",
    source="Karras et al. 2022, section 3",
)
STRENGTH = Knob(
    "strength",
    "Farthest",
    1.0,
    low=0.0,
    high=10.0,
    soft=(0.5, 3.0),
    step=0.1,
    help="How many times the way from the mean noise of one class to that of the other is added at "
    "the last frame. 1 is the whole way; beyond it the class is exaggerated.",
    formula="z' = z + amount (z̄_to − z̄_from), brought back to the norm of z",
)
SAMPLES = Knob(
    "samples",
    "Pictures each",
    16,
    low=1,
    high=1000,
    soft=(4, 64),
    help="How many pictures of each class the mean noise is made of: they are sampled from the "
    "model, or taken from its set, and encoded.",
)


class Choice(BaseModel):
    """What was chosen about the way; remembered between runs. Classes are −1 where none is.

    Raises:
        pydantic.ValidationError: a field has the wrong type or bounds (a ValueError).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    mode: Mode = "between"
    solver: str = "heun"
    frames: Annotated[int, Field(ge=2, le=1000)] = 25
    way_steps: Annotated[int, Field(ge=2, le=10_000)] = 32
    strength: Annotated[float, Field(ge=0, le=10)] = 1.0
    samples: Annotated[int, Field(ge=1, le=1000)] = 16
    label: int = -1
    origin: int = 0
    target: int = 1
