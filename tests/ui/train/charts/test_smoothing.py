"""The smoothed curve: straight lines stay straight, outliers do not pull, gaps stay."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ui.train.charts.smoothing import smoothed


@given(st.floats(-10, 10), st.floats(-1, 1), st.integers(20, 200), st.floats(0.02, 0.3))
def test_a_straight_line_stays_as_it_is_also_at_its_ends(height, slope, count, share):
    line = height + slope * np.arange(count)
    np.testing.assert_allclose(smoothed(line, share), line, atol=1e-6)


def test_noise_becomes_less():
    noise = np.random.default_rng(0).standard_normal(1000)
    assert smoothed(noise, 0.02).std() < 0.35
    assert smoothed(noise, 0.06).std() < smoothed(noise, 0.02).std()


def test_single_outliers_do_not_pull():
    values = np.ones(100)
    values[[0, 40, 99]] = 1e6
    # The ends have no neighbours on one side; there only the rest of the curve can hold.
    assert smoothed(values, 0.05)[20:80] == pytest.approx(1.0)


def test_gaps_stay_and_count_for_nothing():
    values = np.arange(60.0)
    values[[10, 11, 30]] = np.nan
    found = smoothed(values, 0.05)
    assert np.isnan(found[[10, 11, 30]]).all()
    known = ~np.isnan(values)
    np.testing.assert_allclose(found[known], values[known], atol=0.35)


@pytest.mark.parametrize("values", [[], [2.0], [2.0, np.nan], [np.nan, np.nan, np.nan]])
def test_short_curves_stay_as_they_are(values):
    np.testing.assert_array_equal(smoothed(np.array(values), 0.5), values)


def test_the_kernel_is_the_least_squares_line_by_hand():
    values = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.5])
    medians = np.array([3.0, 3.0, 3.0, 4.0, 4.0, 5.0, 5.0, 5.0, 5.0, 3.5])
    steps = np.arange(10)
    expected = []
    for at in steps:
        distance = steps - at
        near = np.abs(distance) <= 7  # 3.5 standard deviations of 2
        root = np.exp(-0.25 * (distance[near] / 2) ** 2)
        line = np.polyfit(distance[near], medians[near], 1, w=root)
        expected.append(line[1])
    np.testing.assert_allclose(smoothed(values, 0.2), expected)
