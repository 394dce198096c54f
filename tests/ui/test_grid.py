"""The arithmetic of the canvas: columns, zoom and places."""

from itertools import pairwise
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ui.grid import Grid, arrange
from studio.ui.stage import Stage
from studio.ui.viewport import LADDER, Viewport, fitted, step_zoom

COUNTS = st.integers(1, 200)
SIDES = st.integers(1, 150)
AREAS = st.tuples(st.integers(1, 3000).map(float), st.integers(1, 3000).map(float))


def best_zoom(count: int, width: int, height: int, area: tuple[float, float]) -> float:
    """Try every number of columns, from the definition of a grid."""
    gap = max(1, min(width, height) // 32)
    best = 0.0
    for columns in range(1, count + 1):
        rows = -(-count // columns)
        zoom = min(
            area[0] / (columns * width + (columns - 1) * gap),
            area[1] / (rows * height + (rows - 1) * gap),
        )
        if max(width, height) <= 128 and zoom >= 1:
            zoom = floor(zoom)
        best = max(best, zoom)
    return best


@given(COUNTS, SIDES, SIDES, AREAS)
def test_no_other_number_of_columns_shows_the_pictures_larger(count, width, height, area):
    grid = arrange(count, width, height, area)
    assert grid.fit(area) == pytest.approx(max(best_zoom(count, width, height, area), 1e-3))


@given(COUNTS, SIDES, SIDES, AREAS)
def test_the_fitted_grid_lies_inside_its_area(count, width, height, area):
    grid = arrange(count, width, height, area)
    wide, high = grid.size
    zoom = grid.fit(area)
    assert zoom == pytest.approx(1e-3) or (
        wide * zoom <= area[0] * 1.0001 and high * zoom <= area[1] * 1.0001
    )


@given(COUNTS, SIDES, SIDES, st.data())
def test_a_point_in_a_picture_finds_it_and_a_point_in_a_gap_finds_none(count, width, height, data):
    grid = Grid(count, width, height, data.draw(st.integers(1, count)))
    index = data.draw(st.integers(0, count - 1))
    left, top = grid.corner(index)
    inside = data.draw(st.floats(0, 0.999))
    assert grid.index_at(left + inside * width, top + inside * height) == index
    assert grid.index_at(left + width + 0.5, top) is None
    assert grid.index_at(left, top + height + 0.5) is None


def test_no_point_outside_finds_a_picture():
    grid = Grid(5, 10, 10, 3)
    assert grid.index_at(-1, 5) is None
    assert grid.index_at(5, -1) is None
    assert grid.index_at(2 * 11 + 5, 11 + 5) is None  # the empty sixth cell
    assert grid.index_at(3 * 11 + 5, 5) is None


def test_sixteen_pictures_in_a_square_make_a_square():
    assert arrange(16, 32, 32, (600, 600)).columns == 4


def test_an_empty_cell_is_avoided_where_it_costs_nothing():
    assert arrange(16, 32, 32, (920.0, 540.0)).columns == 4
    assert arrange(16, 32, 32, (920.0, 540.0)).fit((920.0, 540.0)) == 4


def test_large_pictures_use_the_room_and_small_ones_whole_zooms():
    assert Grid(1, 512, 512, 1).fit((800, 700)) == pytest.approx(700 / 512)
    assert Grid(1, 32, 32, 1).fit((800, 700)) == 21


POINTS = st.tuples(st.floats(-500, 900), st.floats(-500, 900))


@given(st.floats(0.05, 40), st.floats(0.05, 40), POINTS, POINTS)
def test_zooming_leaves_the_pixel_under_the_cursor_there(zoom, other, corner, cursor):
    before = Viewport(zoom, *corner)
    after = before.zoomed(other, *cursor)
    assert after.to_picture(*cursor) == pytest.approx(before.to_picture(*cursor), abs=1e-6)


@given(COUNTS, AREAS, st.floats(0.05, 40), st.floats(-9000, 9000))
def test_a_held_view_shows_no_idle_border(count, area, zoom, offset):
    grid = arrange(count, 32, 32, area)
    view = Viewport(zoom, offset, offset).held(grid, area)
    for place, side, room in zip((view.x, view.y), grid.size, area, strict=True):
        assert place == round(place)
        length = side * zoom
        if length <= room:
            assert abs(place - (room - length) / 2) <= 0.5
        else:
            assert place <= 0.5
            assert place + length >= room - 0.5


def test_the_ladder_goes_up_and_comes_down_again():
    for low, high in pairwise(LADDER):
        assert step_zoom(low, 1) == high
        assert step_zoom(high, -1) == low
    assert step_zoom(LADDER[-1], 1) == LADDER[-1]
    assert step_zoom(LADDER[0], -1) == LADDER[0]
    assert all(zoom == int(zoom) for zoom in LADDER if zoom >= 1)


def test_fitting_keeps_the_margin():
    grid = Grid(1, 100, 100, 1)
    view = fitted(grid, (324, 224), margin=12)
    assert view == Viewport(2.0, 62.0, 12.0)


def test_a_fitted_stage_follows_its_area_and_a_zoomed_one_keeps_its_middle():
    stage = Stage()
    stage.resize(400, 400, 0)
    stage.show(4, 32, 32)
    assert stage.view.zoom == 6
    stage.resize(800, 800, 0)
    assert stage.view.zoom == 12
    stage.zoom_to(40, 400, 400)
    middle = stage.view.to_picture(400, 400)
    stage.resize(600, 500, 0)
    assert stage.view.zoom == 40
    assert stage.view.to_picture(300, 250) == pytest.approx(middle, abs=0.05)


def test_another_batch_of_the_same_shape_keeps_the_zoom():
    stage = Stage()
    stage.resize(400, 400, 0)
    stage.show(4, 32, 32)
    stage.zoom_by(2, 10, 10)
    zoomed = stage.view
    stage.show(4, 32, 32)
    assert stage.view == zoomed
    stage.show(9, 32, 32)
    assert stage.view != zoomed
    assert stage.fits


def test_pictures_of_another_size_but_the_same_shape_stay_where_they_are():
    stage = Stage()
    stage.resize(400, 300, 0)
    stage.show(2, 256, 192)
    stage.zoom_to(4, 30, 20)
    stage.pan(-40, -60)
    place = stage.place(0)
    stage.show(2, 512, 384)
    assert stage.view.zoom == 2 and not stage.fits
    assert stage.place(0) == pytest.approx(place, abs=1)
    stage.show(2, 512, 512)
    assert stage.fits


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_fitted_preview_fills_the_place_of_its_picture(count):
    stage = Stage()
    stage.resize(900, 640, 12)
    stage.show(count, 256, 256)
    before = [stage.place(i) for i in range(count)]
    stage.show(count, 512, 512)
    assert stage.fits
    for i in range(count):
        assert stage.place(i) == pytest.approx(before[i], abs=2)
