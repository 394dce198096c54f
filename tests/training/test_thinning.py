"""Long series, thinned: means that are right, bands that hide nothing, gaps that stay gaps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.training.run_folder.levels import BUCKETS
from studio.training.run_folder.thinning import level_grid, thin

NONE = np.empty(0)


def test_short_series_stay_as_they_are():
    curve = thin(np.array([1.0, 2.0]), np.array([5.0, np.nan]))
    assert curve.kimg.tolist() == [1.0, 2.0]
    np.testing.assert_array_equal(curve.mean, [5.0, np.nan])
    assert not curve.thinned


def test_parts_have_mean_least_and_greatest():
    curve = thin(np.arange(1.0, 6.0), np.array([1.0, 3.0, np.nan, 8.0, 5.0]), most=3)
    assert curve.kimg.tolist() == [1.5, 3.5, 5.0]
    assert curve.mean.tolist() == [2.0, 8.0, 5.0]
    assert curve.low.tolist() == [1.0, 8.0, 5.0]
    assert curve.high.tolist() == [3.0, 8.0, 5.0]
    assert curve.thinned


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.integers(1, 20))
def test_no_value_leaves_the_band_and_the_mean_is_kept(values, most):
    values = np.array(values)
    kimg = np.arange(1.0, len(values) + 1)
    curve = thin(kimg, values, most)
    assert len(curve.kimg) <= most
    assert curve.low.min() == values.min()
    assert curve.high.max() == values.max()
    size = -(-len(values) // most)
    parts = [values[at : at + size].mean() for at in range(0, len(values), size)]
    np.testing.assert_allclose(curve.mean, parts, rtol=1e-9, atol=1e-6)


def test_nothing_is_thinned_to_nothing():
    assert len(thin(NONE, NONE).kimg) == 0
    grid = level_grid(NONE, np.empty((0, BUCKETS)))
    assert grid.loss.shape == (0, BUCKETS)


def test_levels_are_averaged_over_time_and_gaps_stay():
    levels = np.full((4, BUCKETS), np.nan)
    levels[:, 3] = [1.0, 2.0, np.nan, 6.0]
    grid = level_grid(np.arange(1.0, 5.0), levels, most=2)
    assert grid.edges.tolist() == [0.0, 2.0, 4.0]
    assert grid.loss[:, 3].tolist() == [1.5, 6.0]
    assert np.isnan(np.delete(grid.loss, 3, axis=1)).all()
    assert grid.start[3] == pytest.approx(3.0)  # the first three that there are
    assert np.isnan(np.delete(grid.start, 3)).all()


def test_a_long_run_begins_with_its_first_percent():
    levels = np.tile(np.arange(1000.0)[:, None], BUCKETS)
    assert level_grid(np.arange(1.0, 1001.0), levels).start[0] == np.arange(10).mean()
