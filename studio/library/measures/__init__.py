"""What is measured of a trajectory: one figure for each picture in each step, and its pixels."""

from studio.library.measures.formulas import (
    cosine,
    curvature,
    direction,
    distance,
    noise_band,
    noise_norm,
    rms,
    unsettled,
)
from studio.library.measures.walks import Against, Along, final_picture

__all__ = [
    "Against",
    "Along",
    "cosine",
    "curvature",
    "direction",
    "distance",
    "final_picture",
    "noise_band",
    "noise_norm",
    "rms",
    "unsettled",
]
