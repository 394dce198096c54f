"""The measures against closed forms: Gaussian data, whose denoiser is known exactly."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.library.measures import (
    cosine,
    curvature,
    direction,
    distance,
    noise_band,
    noise_norm,
    rms,
    unsettled,
)

SHAPE = (3, 2, 5, 7)
D = 2 * 5 * 7
S = 0.5


def normal(seed=0, shape=SHAPE):
    return np.random.default_rng(seed).standard_normal(shape)


def denoised(x, sigma):
    """D(x; σ) for data of N(0, S²): the posterior mean."""
    return x * S**2 / (S**2 + sigma**2)


def solution(end, sigma):
    """The state at σ of the path that ends in `end`: the flow keeps x / sqrt(S² + σ²)."""
    return end * np.sqrt(S**2 + sigma**2) / S


def test_distance_is_the_root_mean_square_of_each_picture():
    a, b = normal(1), normal(2)
    expected = [np.linalg.norm((a - b)[i]) / np.sqrt(D) for i in range(3)]
    assert distance(a, b) == pytest.approx(expected)
    assert rms(np.full(SHAPE, -2.0)) == pytest.approx([2, 2, 2])


def test_a_point_as_data_has_straight_paths_and_the_noise_that_was_added():
    """With one picture as data D(x; σ) is that picture: ε is the noise, everywhere on the path."""
    picture, noise = normal(1), normal(2)
    ways = [direction(picture + sigma * noise, picture, sigma) for sigma in (80.0, 1.0, 0.002)]
    for before, now in pairwise(ways):
        assert cosine(before, now) == pytest.approx([1, 1, 1])
    assert noise_norm(ways[0]) == pytest.approx(np.sqrt((noise**2).mean(axis=(1, 2, 3))))
    assert curvature(distance(picture, picture), 2.0, 1.0) == pytest.approx([0, 0, 0])


@given(st.floats(0.01, 50), st.floats(1.01, 4))
def test_the_curvature_of_gaussian_data_is_that_of_its_solution(sigma, ratio):
    """Between two levels the measure is the mean of σ²·RMS(x″) over ln σ, here in closed form."""
    end, high = normal(3), sigma * ratio

    def bent(level):  # σ² x″ of solution(): x″ = end/S · S² / (S² + σ²)^(3/2)
        return level**2 * rms(end) / S * S**2 / (S**2 + level**2) ** 1.5

    change = distance(denoised(solution(end, sigma), sigma), denoised(solution(end, high), high))
    logs = np.linspace(np.log(sigma), np.log(high), 400)
    mean = np.mean([bent(np.exp(u)) for u in (logs[1:] + logs[:-1]) / 2], axis=0)
    assert curvature(change, high, sigma) == pytest.approx(mean, rel=1e-3)
    assert curvature(change, sigma, high) == pytest.approx(curvature(change, high, sigma))


def test_there_is_no_curvature_where_sigma_stands_still_or_ends():
    for levels in ((1.0, 1.0), (1.0, 0.0)):
        assert np.isnan(curvature(np.ones(2), *levels)).all()


def test_the_expected_noise_of_gaussian_data_lies_below_one():
    """‖E[ε | x]‖²/d = σ²/(S² + σ²) in the mean: what falls short is the posterior's spread."""
    sigma, shape = 0.7, (400, 1, 16, 16)
    x = normal(4, shape) * np.sqrt(S**2 + sigma**2)
    norms = noise_norm(direction(x, denoised(x, sigma), sigma))
    assert np.sqrt((norms**2).mean()) == pytest.approx(sigma / np.sqrt(S**2 + sigma**2), rel=0.01)
    assert norms.mean() < 1


@pytest.mark.parametrize("d", [48, 3072])
def test_the_band_holds_as_much_noise_as_one_deviation_does(d):
    low, high = noise_band(d)
    norms = noise_norm(normal(5, (4000, d)))
    assert norms.mean() == pytest.approx((low + high) / 2, abs=0.01)
    assert norms.std() == pytest.approx((high - low) / 2, rel=0.05)
    assert np.mean((norms > low) & (norms < high)) == pytest.approx(0.683, abs=0.03)


def test_cosines_are_those_of_vectors():
    a, b = normal(6), normal(7)
    for i, value in enumerate(cosine(a, b)):
        one, two = a[i].ravel(), b[i].ravel()
        assert value == pytest.approx(one @ two / np.linalg.norm(one) / np.linalg.norm(two))
    assert cosine(a, -3 * a) == pytest.approx([-1, -1, -1])
    assert np.isnan(cosine(a, np.zeros(SHAPE))).all()


def test_a_direction_without_noise_is_none():
    assert np.isnan(direction(normal(), normal(), 0.0)).all()


def test_one_channel_is_enough_to_be_unsettled():
    estimate = np.zeros((1, 3, 1, 3))
    estimate[0, 1, 0, :] = 0.1, -0.3, 0.2
    assert unsettled(estimate, np.zeros_like(estimate), 0.2).tolist() == [[[False, True, False]]]
