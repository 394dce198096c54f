"""Which pixels a stroke, a rectangle or a lasso covers: plain arithmetic, no Qt.

Points are (x, y) in pixels of the picture; the middle of its first pixel is (0.5, 0.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Box = tuple[int, int, int, int]
"""Left, top, right and bottom; right and bottom lie outside."""
Cover = tuple[Box, NDArray[np.bool_]]
"""A box inside the picture and which of its pixels are covered, (bottom − top, right − left)."""

_TOUCH = 1e-6  # pixels whose middle lies on an edge belong to the stroke


def snapped(point: Point, size: int) -> Point:
    """Return where a round brush of `size` pixels paints evenly around `point`.

    An odd size is centred on the middle of a pixel, an even one on a corner.
    """
    if size % 2:
        return floor(point[0]) + 0.5, floor(point[1]) + 0.5
    return float(round(point[0])), float(round(point[1]))


def stamp(size: int) -> NDArray[np.bool_]:
    """Return the pixels of one touch of a round brush, (size, size)."""
    middle = size / 2
    away = np.arange(size) + 0.5 - middle
    inside: NDArray[np.bool_] = np.hypot(away[:, None], away[None, :]) <= middle + _TOUCH
    return inside


def stroke(shape: tuple[int, int], start: Point, end: Point, size: int) -> Cover:
    """Return what a round brush of `size` pixels covers on the way from `start` to `end`.

    shape: height and width of the picture.
    """
    first, last = snapped(start, size), snapped(end, size)
    radius = size / 2
    (left, right), (top, bottom) = (
        (min(a, b), max(a, b)) for a, b in zip(first, last, strict=True)
    )
    box = clipped((left - radius, top - radius, right + radius, bottom + radius), shape)
    x, y = _middles(box)
    dx, dy = last[0] - first[0], last[1] - first[1]
    length = dx * dx + dy * dy
    # The nearest point of the line between both ends, as a share of the way.
    share = ((x - first[0]) * dx + (y - first[1]) * dy) / length if length else np.zeros_like(x + y)
    share = np.clip(share, 0.0, 1.0)
    away = np.hypot(x - first[0] - share * dx, y - first[1] - share * dy)
    return box, away <= radius + _TOUCH


def rectangle(shape: tuple[int, int], start: Point, end: Point) -> Cover:
    """Return every pixel that the rectangle between two corners touches."""
    (left, right), (top, bottom) = ((min(a, b), max(a, b)) for a, b in zip(start, end, strict=True))
    box = clipped((left, top, right, bottom), shape)
    return box, np.ones((box[3] - box[1], box[2] - box[0]), np.bool_)


def lasso(shape: tuple[int, int], points: Sequence[Point]) -> Cover:
    """Return the pixels whose middle lies within the closed line through `points`.

    Where the line crosses itself, what it encloses an even number of times stays free.
    """
    # To the millionth of a pixel, so that no edge is too flat to be divided by its height.
    corners = np.round(np.asarray(points, np.float64), 6).tolist()
    xs, ys = zip(*corners, strict=True)
    box = clipped((min(xs), min(ys), max(xs), max(ys)), shape)
    x, y = _middles(box)
    inside = np.zeros((box[3] - box[1], box[2] - box[0]), np.bool_)
    for (x0, y0), (x1, y1) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if y0 == y1:
            continue
        crosses = (y0 <= y) != (y1 <= y)
        inside ^= crosses & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return box, inside


def clipped(edges: tuple[float, float, float, float], shape: tuple[int, int]) -> Box:
    """Return the box of whole pixels around `edges` as far as it lies in the picture."""
    height, width = shape
    left, right = max(0, floor(edges[0])), min(width, ceil(edges[2]))
    top, bottom = max(0, floor(edges[1])), min(height, ceil(edges[3]))
    return left, top, max(left, right), max(top, bottom)


def _middles(box: Box) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return the middles of a box's columns (1, W) and rows (H, 1)."""
    left, top, right, bottom = box
    return np.arange(left, right)[None, :] + 0.5, np.arange(top, bottom)[:, None] + 0.5
