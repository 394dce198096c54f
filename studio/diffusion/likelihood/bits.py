"""From log densities to bits per dimension, and from bytes to a continuum and back."""

from __future__ import annotations

from math import log, log2
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NATS_PER_BIT = log(2)

Bins: TypeAlias = Literal["uniform", "centred", "none"]
"""How bytes are spread over a continuum: as published, around the levels that were learned, not."""


def spread(pixels: NDArray[np.uint8], u: NDArray[np.float64], bins: Bins) -> NDArray[np.float64]:
    """Return pixels, 0 to 255, in [-1, 1], each anywhere in its bin as u in [0, 1) says.

    "uniform": 2 (p + u) / 256 - 1, the (u + 255 x) / 256 of ScoreSDE (Song et al. 2021, appendix
    D.1). "centred": (p + u - 1/2) / 127.5 - 1, around the p / 127.5 - 1 that a network has
    learned from: the bins of the published rule are off by up to half a bin at black and white.
    "none": p / 127.5 - 1 itself.
    """
    if bins == "uniform":
        return (pixels + u) / 128 - 1
    if bins == "centred":
        return (pixels + u - 0.5) / 127.5 - 1
    return pixels / 127.5 - 1.0


def bits_per_dim(log_p: float, dims: int, bins: Bins = "uniform") -> float:
    """Return -log₂ of the probability of a picture per value, from ln p of data in [-1, 1].

    A bin is 2/256 wide, or 2/255 where bins are centred: 7 bits, or 6.994, are added. Without bins
    it is a density that is told, and nothing is added.
    """
    width = {"uniform": 1 / 128, "centred": 1 / 127.5, "none": 1.0}[bins]
    return -log_p / (dims * NATS_PER_BIT) - log2(width)
