import numpy as np
import pytest
from scipy.linalg import sqrtm

from studio.diffusion.frechet import frechet_distance, moments


def covariance(seed, size, rank=None):
    rows = np.random.default_rng(seed).normal(size=(size, rank or 2 * size))
    return rows @ rows.T / rows.shape[1]


def test_gaussians_of_one_shape_are_as_far_apart_as_their_means():
    cov = covariance(0, 5)
    a, b = np.arange(5.0), np.ones(5)
    assert frechet_distance(a, cov, b, cov) == pytest.approx(np.square(a - b).sum())


def test_commuting_covariances_have_a_closed_form():
    a, b = np.array([4.0, 1.0, 0.25]), np.array([1.0, 9.0, 0.0])
    expected = np.square(np.sqrt(a) - np.sqrt(b)).sum()
    zero = np.zeros(3)
    assert frechet_distance(zero, np.diag(a), zero, np.diag(b)) == pytest.approx(expected)


@pytest.mark.parametrize("rank", [None, 3])
def test_it_agrees_with_the_matrix_root(rank):
    a, b = covariance(1, 8), covariance(2, 8, rank)
    means = np.random.default_rng(3).normal(size=(2, 8))
    root = sqrtm(a @ b).real
    expected = np.square(means[0] - means[1]).sum() + np.trace(a + b - 2 * root)
    found = frechet_distance(means[0], a, means[1], b)
    assert found == pytest.approx(expected, rel=1e-6)
    assert frechet_distance(means[1], b, means[0], a) == pytest.approx(found, rel=1e-6)


def test_a_set_has_no_distance_from_itself():
    rows = np.random.default_rng(4).normal(size=(50, 6))
    assert frechet_distance(*moments(rows), *moments(rows)) == pytest.approx(0, abs=1e-10)


def test_one_picture_has_no_covariance():
    with pytest.raises(ValueError, match="two pictures"):
        moments(np.ones((1, 4)))
