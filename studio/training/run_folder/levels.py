"""The noise levels by which losses are told apart: even parts of ln σ."""

import math

LOWEST, HIGHEST, BUCKETS = math.log(0.002), math.log(80.0), 16
"""ln σ at both ends, and the number of parts; the outer ones hold what lies beyond."""


def level_edges(bucket: int) -> tuple[float, float]:
    """Return the σ between which a part lies, counted from 0 at the lowest."""
    width = (HIGHEST - LOWEST) / BUCKETS
    return math.exp(LOWEST + bucket * width), math.exp(LOWEST + (bucket + 1) * width)
