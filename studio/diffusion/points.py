"""Edit the points of a curve over sigma, from the highest level to the lowest."""

import math
from collections.abc import Sequence

from studio.diffusion.curve import Point

Points = tuple[Point, ...]

_APART = 1 + 1e-3
"""How near two levels may come, as a ratio, where they may not be the same."""


def moved(points: Sequence[Point], index: int, sigma: float, value: float) -> Points:
    """Return the points with one elsewhere, as far as its neighbours let it go.

    It may reach the level of a neighbour, which makes a jump, unless that level is there twice. A
    point that is alone is a constant: it keeps its level.
    """
    low, high = _room(points, index)
    own = points[index][0]
    level = min(max(sigma, low), high) if low <= high and len(points) > 1 else own
    return (*points[:index], (level, max(0.0, value)), *points[index + 1 :])


def moved_jump(points: Sequence[Point], index: int, sigma: float, value: float) -> Points:
    """Return the points with one elsewhere, and where it is a side of a jump the other side too.

    The other side follows the level and keeps its value. A jump stops short of its neighbours.
    """
    level = points[index][0]
    pair = [i for i in (index - 1, index, index + 1) if 0 <= i < len(points)]
    pair = [i for i in pair if points[i][0] == level]
    if len(pair) == 1:
        return moved(points, index, sigma, value)
    first, last = pair[0], pair[-1]
    high = points[first - 1][0] / _APART if first else 1e9
    low = points[last + 1][0] * _APART if last + 1 < len(points) else 1e-9
    there = min(max(sigma, low), high) if low <= high else level
    return tuple(
        (there if i in pair else own, max(0.0, value) if i == index else before)
        for i, (own, before) in enumerate(points)
    )


def added(points: Sequence[Point], sigma: float, value: float) -> tuple[Points, int]:
    """Return the points with one more, and its place; nothing changes where there is no room.

    A constant gets the value at both ends of a wide stretch first, so that it stays one elsewhere.
    """
    if any(level == sigma for level, _ in points) and len(points) > 1:
        return tuple(points), next(i for i, (level, _) in enumerate(points) if level == sigma)
    index = sum(level > sigma for level, _ in points)
    if len(points) == 1 and points[0][0] == sigma:
        points = ((sigma * 10, points[0][1]),)
        index = 1
    return (*points[:index], (sigma, max(0.0, value)), *points[index:]), index


def removed(points: Sequence[Point], index: int) -> Points:
    """Return the points without one, or as they are where it is the last."""
    return tuple(points) if len(points) == 1 else (*points[:index], *points[index + 1 :])


def _room(points: Sequence[Point], index: int) -> tuple[float, float]:
    """Return the lowest and the highest level that a point may have."""
    above = points[index - 1][0] if index else math.inf
    below = points[index + 1][0] if index + 1 < len(points) else 0.0
    full = len(points) == 2  # a jump needs another level to tell its sides
    if full or (index > 1 and points[index - 2][0] == above):
        above /= _APART
    if full or (index + 2 < len(points) and points[index + 2][0] == below):
        below *= _APART
    return max(below, 1e-9), min(above, 1e9)
