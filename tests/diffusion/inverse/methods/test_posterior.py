"""Samples of Gaussian data given a measurement, against the exact posterior."""

import pytest
import torch

from studio.diffusion import schedule
from tests.diffusion.inverse.methods.gaussian_world import (
    OPERATORS,
    Prior,
    given,
    noise,
    restored,
)

COUNT = 1000


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def errors(prior, operator, sigma0, method, steps, **knobs):
    """Return how far mean and standard deviation are off, in posterior standard deviations.

    Both are root mean squares over the directions in which the posterior is wider than 1 % of the
    widest; 1000 samples alone leave 0.03 and 0.01.
    """
    measured = given(OPERATORS[operator](prior.shape), prior.draw(), sigma0)
    sigmas = schedule("karras", steps)
    *_, last = restored(
        prior.denoiser(), method, measured, noise(prior.shape, COUNT), sigmas, **knobs
    )
    mean, covariance = prior.posterior(measured)
    values, vectors = torch.linalg.eigh(covariance)
    vectors = vectors[:, values > 1e-4 * values.max()]
    std = values[values > 1e-4 * values.max()].sqrt()
    found = (last.x.flatten(1) - mean) @ vectors / std
    return float(found.mean(0).square().mean().sqrt()), float(found.std(0).mean() - 1)


CASES = [("hole", 0.0), ("blurred", 0.3), ("shrunk", 0.3)]
WHITE, SMOOTH = Prior(length=0.0, nugget=0.0), Prior(length=1.0, nugget=0.3)


def affine(operator, sigma0, **knobs):
    """Return the exact errors of ΠGDM with Heun, which maps unit noise z to A z + b.

    So the mean is b and the covariance A Aᵀ: no samples are needed. Both errors are relative to
    the posterior: in its standard deviations, and as a part of its covariance.
    """
    measured = given(OPERATORS[operator](WHITE.shape), WHITE.draw(), sigma0)
    basis = torch.cat([torch.zeros(1, 16), torch.eye(16)]).double().reshape(-1, *WHITE.shape)
    sigmas = schedule("karras", 100)
    knobs = {"solver": "heun", **knobs}
    *_, last = restored(WHITE.denoiser(), "pigdm", measured, basis, sigmas, **knobs)
    offset, columns = last.x[0].flatten(), (last.x[1:] - last.x[:1]).flatten(1)
    mean, covariance = WHITE.posterior(measured)
    away = (offset - mean).norm() / covariance.trace().sqrt()
    apart = (columns.T @ columns - covariance).norm() / covariance.norm()
    return float(away), float(apart)


@pytest.mark.parametrize("sigma0", [0.0, 0.3])
@pytest.mark.parametrize("operator", OPERATORS)
def test_pigdm_is_exact_for_uncorrelated_data_of_its_width(operator, sigma0):
    mean, covariance = affine(operator, sigma0)
    assert mean < 0.01 and covariance < 0.01


@pytest.mark.parametrize("operator", ["shrunk", "blurred"])
def test_pigdm_is_off_where_its_width_is_not_that_of_the_data(operator):
    mean, covariance = affine(operator, 0.3, sigma_data=0.3)
    assert max(mean, covariance) > 0.05


@pytest.mark.parametrize(("operator", "sigma0"), CASES)
def test_snips_comes_near_to_the_posterior_of_correlated_data(operator, sigma0):
    mean, spread = errors(SMOOTH, operator, sigma0, "snips", 60, updates=8, epsilon=0.15)
    assert mean < 0.15 and abs(spread) < 0.1


@pytest.mark.parametrize(
    ("method", "mean_off", "spread_off"),
    [
        ("ddrm", 0.35, (-0.55, -0.05)),
        ("pigdm", 0.15, (-0.15, 0.0)),
        ("dps", 0.3, (-0.15, 0.05)),
        ("diffpir", 0.3, (-0.2, 0.1)),
        ("ilvr", 0.25, (-0.15, 0.05)),
        ("scoresde", 0.35, (-0.1, 0.3)),
    ],
)
@pytest.mark.parametrize(("operator", "sigma0"), CASES[:2])
def test_approximate_methods_are_off_by_no_more_than_is_known(
    operator, sigma0, method, mean_off, spread_off
):
    mean, spread = errors(SMOOTH, operator, sigma0, method, 60)
    assert mean < mean_off and spread_off[0] < spread < spread_off[1]


@pytest.mark.parametrize("operator", ["hole", "blurred"])
def test_repaint_does_not_forget_a_noisy_measurement_as_it_goes_over_low_levels_again(operator):
    knobs = {"jump_length": 4, "resamplings": 6}
    mean, spread = errors(WHITE, operator, 0.5, "repaint", 24, **knobs)
    assert mean < 0.35 and -0.3 < spread < 0.1
