import numpy as np
import pytest

from studio.library.plane import Window
from studio.ui.plane.camera import Camera

FITTED = Camera.fitted(Window(1.0, -1.0, 2.0), (400.0, 200.0))


def test_a_fitted_camera_shows_the_window_undistorted():
    assert FITTED.scale == (50.0, 50.0)
    assert FITTED.box == (-3.0, -3.0, 5.0, 1.0)
    assert FITTED.pixels(np.array([1.0, -1.0])).tolist() == [200, 100]
    assert FITTED.pixels(np.array([1.0, 1.0])).tolist() == [200, 0]


def test_pixels_and_places_are_inverse():
    moved = FITTED.moved(13, -7).zoomed(1.7, 30, 40)
    place = moved.at(123.0, 45.0)
    assert moved.pixels(np.array(place)) == pytest.approx([123.0, 45.0])


def test_zooming_keeps_what_is_under_the_mouse():
    before = FITTED.at(50.0, 60.0)
    assert FITTED.zoomed(3.0, 50.0, 60.0).at(50.0, 60.0) == pytest.approx(before)
    assert FITTED.zoomed(3.0, 50.0, 60.0).scale == (150.0, 150.0)


def test_dragging_takes_the_plane_along():
    assert FITTED.moved(10, 20).pixels(np.array([1.0, -1.0])).tolist() == [210, 120]


def test_zooms_beyond_reason_are_refused():
    assert FITTED.allows(100, FITTED)
    assert not FITTED.allows(1e5, FITTED) and not FITTED.allows(1e-5, FITTED)


def test_a_stretched_camera_fills_the_area():
    camera = Camera.stretched((0.0, -1.0, 10.0, 1.0), (400.0, 200.0))
    assert camera.box == pytest.approx((0.0, -1.0, 10.0, 1.0))


def test_cells_cover_the_area_from_the_top():
    points, rows, columns = FITTED.cells(100.0)
    assert (rows, columns) == (2, 4)
    places = FITTED.pixels(points)
    assert places[0].tolist() == [50, 50] and places[-1].tolist() == [350, 150]
