"""A rate that falls along a cosine."""

import math

from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec


def cosine(kimg: float, total: float, *, end: float) -> float:
    """Return end + (1 - end) (1 + cos(π kimg / total)) / 2."""
    return end + (1 - end) * (1 + math.cos(math.pi * min(kimg / total, 1.0))) / 2


SPECS = (
    Spec(
        id="cosine",
        label="Cosine",
        family="Rate",
        source="Loshchilov & Hutter 2017, Eq. 5",
        help="Falls along a cosine to the end of the run.",
        run=cosine,
        knobs=(Knob("end", "End", 0.0, low=0, high=1, help="Share that is left at the end."),),
    ),
)
