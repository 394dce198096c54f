import numpy as np
import pytest

from studio.session.reading.colours import coloured, oklab, rising, round_above, signed, srgb


@pytest.mark.parametrize("table", [rising(), signed()])
def test_neighbours_look_equally_different(table):
    gaps = np.linalg.norm(np.diff(oklab(table), axis=0), axis=1)
    smooth = np.convolve(gaps, np.ones(16) / 16, "valid")  # over the steps of 8 bits
    assert smooth.max() < 1.35 * smooth.min()


def test_lightness_rises_or_says_how_far_from_zero():
    assert np.all(np.diff(oklab(rising())[::8, 0]) > 0)
    light = oklab(signed())[:, 0]
    assert np.all(np.diff(light[127::-8]) > 0) and np.all(np.diff(light[128::8]) > 0)
    assert light[0] == pytest.approx(light[-1], abs=0.03)


def test_oklab_is_that_of_its_author_and_comes_back():
    # Ottosson 2020: white is (1, 0, 0); red about (0.628, 0.225, 0.126).
    assert oklab(np.array([255, 255, 255], np.uint8)) == pytest.approx([1, 0, 0], abs=1e-3)
    assert oklab(np.array([255, 0, 0], np.uint8)) == pytest.approx([0.628, 0.225, 0.126], abs=2e-3)
    pixels = np.random.default_rng(0).integers(0, 256, (50, 3), np.uint8)
    assert np.abs(srgb(oklab(pixels)).astype(int) - pixels).max() <= 1


def test_values_get_the_colours_of_their_places():
    table = signed()
    shown = coloured(np.array([-2.0, 0.0, 2.0, 9.0, np.nan]), -2, 2, table)
    assert np.array_equal(shown, table[[0, 128, 255, 255, 128]])
    assert np.array_equal(coloured(np.array([0.0, np.nan]), 0, 1, rising()), rising()[[0, 0]])


@pytest.mark.parametrize(
    ("value", "end"), [(0.3, 0.5), (0.5, 0.5), (1.01, 2), (7, 10), (0.0021, 0.005), (0, 1e-6)]
)
def test_scales_end_at_round_numbers(value, end):
    assert round_above(value) == pytest.approx(end)
