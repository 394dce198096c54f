"""Strokes, rectangles and lassos against their definitions, pixel by pixel."""

from math import dist

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ui.edit.mask.shapes import clipped, lasso, rectangle, snapped, stamp, stroke

SHAPES = st.tuples(st.integers(1, 24), st.integers(1, 24))
PLACES = st.floats(-10, 34, allow_nan=False)
POINTS = st.tuples(PLACES, PLACES)
SIZES = st.integers(1, 12)


def spread(shape, cover):
    """Return a cover as a mask of the whole picture."""
    (left, top, right, bottom), inside = cover
    whole = np.zeros(shape, bool)
    whole[top:bottom, left:right] = inside
    return whole


def distance(point, start, end):
    """Return how far a point is from a line between two points, by trying it finely."""
    shares = np.linspace(0, 1, 4001)
    way = np.array(start) + shares[:, None] * (np.array(end) - np.array(start))
    return np.hypot(*(way - np.array(point)).T).min()


@settings(max_examples=25, deadline=None)
@given(SHAPES, POINTS, POINTS, SIZES)
def test_a_stroke_covers_what_is_within_half_a_brush_of_it(shape, start, end, size):
    whole = spread(shape, stroke(shape, start, end, size))
    ends = snapped(start, size), snapped(end, size)
    slack = dist(*ends) / 4000 + 1e-5
    for row in range(shape[0]):
        for column in range(shape[1]):
            away = distance((column + 0.5, row + 0.5), *ends)
            if abs(away - size / 2) > slack:
                assert whole[row, column] == (away < size / 2)


def test_a_brush_of_one_pixel_paints_the_pixel_under_it_and_an_unbroken_line():
    assert np.argwhere(spread((4, 4), stroke((4, 4), (2.9, 1.1), (2.9, 1.1), 1))).tolist() == [
        [1, 2]
    ]
    line = spread((8, 8), stroke((8, 8), (0.5, 0.5), (7.5, 3.5), 1))
    assert line.any(0).all()  # no column without a pixel
    assert line.sum() < 16


def test_a_stamp_is_a_stroke_of_no_length_and_round():
    for size in range(1, 13):
        middle = (20 + size / 2 % 1, 20 + size / 2 % 1)
        _, inside = stroke((40, 40), middle, middle, size)
        assert np.array_equal(inside, stamp(size))
        assert np.array_equal(inside, inside.T)
        assert np.array_equal(inside, inside[::-1])
        assert inside[:, 0].any() == inside[:, -1].any() == True  # noqa: E712


@given(SHAPES, POINTS, POINTS)
def test_a_rectangle_covers_every_pixel_that_it_touches(shape, start, end):
    whole = spread(shape, rectangle(shape, start, end))
    (left, right), (top, bottom) = (sorted(pair) for pair in zip(start, end, strict=True))
    for row in range(shape[0]):
        for column in range(shape[1]):
            touched = left < column + 1 and right > column and top < row + 1 and bottom > row
            assert whole[row, column] == touched


def test_a_lasso_covers_the_middles_within_it():
    triangle = [(0.0, 0.0), (8.0, 0.0), (0.0, 8.0)]
    whole = spread((8, 8), lasso((8, 8), triangle))
    middles = np.arange(8) + 0.5
    assert np.array_equal(whole, middles[None, :] + middles[:, None] < 8)


def test_a_lasso_that_crosses_itself_leaves_the_overlap_free():
    twice = [(1.0, 1.0), (7.0, 1.0), (7.0, 7.0), (1.0, 7.0)] * 2
    assert not spread((8, 8), lasso((8, 8), twice)).any()


def test_a_lasso_outside_of_the_picture_covers_nothing():
    assert not spread((4, 4), lasso((4, 4), [(9.0, 9.0), (12.0, 9.0), (9.0, 12.0)])).any()


@given(SHAPES, PLACES, PLACES, PLACES, PLACES)
def test_boxes_stay_in_the_picture_and_are_never_inside_out(shape, a, b, c, d):
    left, top, right, bottom = clipped((a, b, c, d), shape)
    assert 0 <= left <= right <= max(shape[1], left)
    assert 0 <= top <= bottom <= max(shape[0], top)
