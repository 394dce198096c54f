"""A curve over the noise level, written as text: “1”, or “80: 0, 1: 1, 0.01: 0.2”."""

import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

Point = tuple[float, float]
"""A noise level and the value there."""
Piece = tuple[float, float, float, float]
"""A stretch of a curve: its lower and upper level, and the values there."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Interpolate between points in ln sigma; beyond the ends it is constant.

    `levels` holds sigmas in rising order, `values` the value at each. A level that is there twice
    is a jump: the first value holds at the level and below it, the second above.
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
        before, after = self.values[right - 1 : right + 1]
        if before == after:
            return before  # to the last bit, which the sum below is not
        share = math.log(sigma / low) / math.log(high / low)
        return (1 - share) * before + share * after

    @property
    def points(self) -> tuple[Point, ...]:
        """Return the points from the highest level to the lowest, as they are passed."""
        return tuple(zip(self.levels[::-1], self.values[::-1], strict=True))

    @property
    def flat(self) -> bool:
        """Tell whether the value is one and the same at every level."""
        return len(set(self.values)) == 1

    def agrees(self, other: "Curve", low: float, high: float) -> bool:
        """Tell whether both have the same values, bit for bit, from `low` to `high` inclusive."""
        return self._between(low, high) == other._between(low, high)

    def _between(self, low: float, high: float) -> list[Piece]:
        """Return the pieces that say what the values are there; flat ones are joined and cut."""
        found: list[Piece] = []
        edges = pairwise((0.0, *self.levels, math.inf))
        ends = pairwise((self.values[0], *self.values, self.values[-1]))
        for (start, end), (before, after) in zip(edges, ends, strict=True):
            if not (start < end and start < high and end >= low):
                continue
            # Of a piece that ends at `low` only the end is asked for, which is exact.
            if before != after and end > low:
                found.append((start, end, before, after))
            elif found and found[-1][2:] == (after, after):
                found[-1] = (found[-1][0], min(end, high), after, after)
            else:
                found.append((max(start, low), min(end, high), after, after))
        return found


@lru_cache(maxsize=256)
def curve(text: str) -> Curve:
    """Read one number, which holds at every level, or points “sigma: value” with commas.

    A level may be given twice, where the value jumps: “80: 0, 5: 0, 5: 3” is 3 from 5 downwards.

    Raises:
        ValueError: something is no number, infinite or negative, a level is given more than twice,
            or no other level tells on which side of a jump a value is.
    """
    points = [_point(part) for part in text.split(",")]
    if points[0][0] > points[-1][0]:
        points.reverse()
    points.sort(key=lambda point: point[0])  # keeps the two sides of a jump in their order
    levels = tuple(level for level, _ in points)
    if len(levels) > 1 and levels[0] == levels[-1]:
        raise ValueError("a level is given twice and no other one; give each noise level once.")
    if any(first == third for first, third in zip(levels, levels[2:], strict=False)):
        raise ValueError("a level is given more than twice; give it once, or twice for a jump.")
    return Curve(levels, tuple(value for _, value in points))


def optional_curve(text: str) -> Curve | None:
    """Read a curve as `curve` does, or nothing from an empty text.

    Raises:
        ValueError: as for `curve`.
    """
    return curve(text) if text.strip() else None


def curve_text(points: Iterable[Point]) -> str:
    """Return points, from the highest level to the lowest, as the text that `curve` reads exactly.

    Of one point only the value is written.
    """
    given = list(points)
    if len(given) == 1:
        return _number(given[0][1])
    return ", ".join(f"{_number(sigma)}: {_number(value)}" for sigma, value in given)


def box_text(value: float, low: float, high: float, outside: float) -> str:
    """Return the curve that has a value where low < sigma <= high, and another outside.

    An end of 0 or infinity is open.
    """
    if value == outside or low >= high:
        return _number(value if low < high else outside)
    top = [(high, outside), (high, value)] if high < math.inf else []
    bottom = [(low, value), (low, outside)] if low > 0 else []
    if not bottom and top:
        bottom = [(high / 10, value)]  # another level tells the sides of the jump
    if bottom and not top:
        top = [(low * 10, value)]
    return curve_text([*top, *bottom] or [(1.0, value)])


def _point(text: str) -> Point:
    level, colon, value = text.rpartition(":")
    try:
        point = (float(level) if colon else 1.0, float(value))
    except ValueError:
        point = (math.nan, math.nan)
    if not (0 < point[0] < math.inf and 0 <= point[1] < math.inf):
        raise ValueError("write one number of at least 0, or points such as “80: 0, 1: 1.5”.")
    return point


def _number(value: float) -> str:
    return repr(float(value)).removesuffix(".0")
