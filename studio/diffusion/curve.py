"""A curve over the noise level, written as text: “1”, or “80: 0, 1: 1, 0.01: 0.2”."""

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Curve:
    """Interpolate between points in ln sigma; beyond the ends it is constant.

    `levels` holds sigmas in rising order, `values` the value at each.
    """

    levels: tuple[float, ...]
    values: tuple[float, ...]

    def __call__(self, sigma: float) -> float:
        """Return the value at a noise level above 0."""
        right = bisect_left(self.levels, sigma)
        if right == 0:
            return self.values[0]
        if right == len(self.levels):
            return self.values[-1]
        low, high = self.levels[right - 1 : right + 1]
        share = math.log(sigma / low) / math.log(high / low)
        return (1 - share) * self.values[right - 1] + share * self.values[right]


@lru_cache(maxsize=256)
def curve(text: str) -> Curve:
    """Read one number, which holds at every level, or points “sigma: value” with commas.

    Raises:
        ValueError: something is no number, infinite or negative, or a level is given twice.
    """
    points = sorted(_point(part) for part in text.split(","))
    levels = tuple(level for level, _ in points)
    if len(set(levels)) < len(levels):
        raise ValueError("a level is given twice; give each noise level once.")
    return Curve(levels, tuple(value for _, value in points))


def _point(text: str) -> tuple[float, float]:
    level, colon, value = text.rpartition(":")
    try:
        point = (float(level) if colon else 1.0, float(value))
    except ValueError:
        point = (math.nan, math.nan)
    if not (0 < point[0] < math.inf and 0 <= point[1] < math.inf):
        raise ValueError("write one number of at least 0, or points such as “80: 0, 1: 1.5”.")
    return point
