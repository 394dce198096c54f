"""The closed form against quadrature, autograd, limits and an independent restatement."""

import numpy as np
import pytest
import torch

from studio.models.toy.file import Components
from studio.models.toy.mixture import Mixture

COMPONENTS = Components(
    weights=np.array([0.5, 0.2, 0.3]),
    means=np.array([[0.4, -0.2], [-0.6, 0.5], [0.1, 0.9]]),
    covariances=np.array([[0.09, 0.03, 0.05], [0.02, 0.0, 0.02], [0.0, 0.0, 0.0]]),
    labels=np.zeros(3, dtype=np.int64),
)


@pytest.fixture
def mixture():
    return Mixture(COMPONENTS, torch.device("cpu"), torch.float64)


def points(count=50, seed=0):
    return torch.randn(count, 2, generator=torch.Generator().manual_seed(seed)).double()


def sigmas(x, sigma):
    return torch.full((len(x),), sigma, dtype=torch.float64)


def test_the_mean_is_that_of_quadrature():
    """E[x₀ | x] by summing p(x₀) N(x; x₀, σ²) over a fine grid, for the two smooth components."""
    smooth = Mixture(COMPONENTS, torch.device("cpu"), torch.float64).part(0, 2)
    axis = torch.linspace(-2, 2, 401, dtype=torch.float64)
    grid = torch.cartesian_prod(axis, axis)
    prior = torch.zeros(len(grid), dtype=torch.float64)
    shapes = COMPONENTS.covariances[:2]
    for weight, mean, (a, b, c) in zip((5 / 7, 2 / 7), COMPONENTS.means[:2], shapes, strict=True):
        shape = torch.tensor([[a, b], [b, c]], dtype=torch.float64)
        normal = torch.distributions.MultivariateNormal(torch.tensor(mean), shape)
        prior += weight * normal.log_prob(grid).exp()
    x = 0.5 * points(12)
    for sigma in (0.1, 0.5, 3.0):
        likely = (-torch.cdist(x, grid).square() / (2 * sigma**2)).exp() * prior
        wanted = likely @ grid / likely.sum(dim=1, keepdim=True)
        found = smooth.posterior_mean(x, sigmas(x, sigma))
        torch.testing.assert_close(found, wanted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("sigma", [0.01, 0.3, 2.0, 80.0])
def test_tweedie_holds(mixture, sigma):
    """(D - x) / σ² is the gradient of ln p(x; σ), by autograd."""
    x = (sigma * points()).requires_grad_()
    (slope,) = torch.autograd.grad(mixture.log_density(x, sigmas(x, sigma)).sum(), x)
    found = (mixture.posterior_mean(x, sigmas(x, sigma)) - x) / sigma**2
    torch.testing.assert_close(found, slope, rtol=1e-6, atol=1e-7 / sigma**2)


def test_the_density_integrates_to_one(mixture):
    axis = torch.linspace(-4, 4, 801, dtype=torch.float64)
    grid = torch.cartesian_prod(axis, axis)
    mass = mixture.log_density(grid, sigmas(grid, 0.3)).exp().sum() * 0.01**2
    assert float(mass) == pytest.approx(1, abs=1e-6)


def test_without_noise_a_smooth_place_is_its_own_estimate(mixture):
    x = torch.tensor([[0.4, -0.2], [0.5, -0.1], [-0.6, 0.55]], dtype=torch.float64)
    torch.testing.assert_close(mixture.posterior_mean(x, sigmas(x, 1e-6)), x, atol=1e-6, rtol=0)


def test_in_pure_noise_the_estimate_is_the_mean_of_all(mixture):
    x = points(5)
    mean = torch.from_numpy(COMPONENTS.weights @ COMPONENTS.means)
    found = mixture.posterior_mean(x, sigmas(x, 1e6))
    torch.testing.assert_close(found, mean.expand(5, 2), atol=1e-5, rtol=0)


def test_it_agrees_with_a_plain_restatement_at_mixed_levels(mixture):
    x, levels = points(40), torch.tensor([0.05, 0.4, 7.0, 0.4] * 10, dtype=torch.float64)
    wanted = torch.empty_like(x)
    for row, (place, sigma) in enumerate(zip(x, levels, strict=True)):
        shares, means = [], []
        for weight, mean, (a, b, c) in zip(
            COMPONENTS.weights, COMPONENTS.means, COMPONENTS.covariances, strict=True
        ):
            shape = torch.tensor([[a, b], [b, c]], dtype=torch.float64)
            mean = torch.tensor(mean)  # noqa: PLW2901
            noisy = shape + sigma**2 * torch.eye(2).double()
            normal = torch.distributions.MultivariateNormal(mean, noisy)
            shares.append(weight * normal.log_prob(place).exp())
            means.append(mean + shape @ torch.linalg.solve(noisy, place - mean))
        total = sum(shares)
        wanted[row] = sum(s / total * m for s, m in zip(shares, means, strict=True))
    found = mixture.posterior_mean(x, levels)
    torch.testing.assert_close(found, wanted, rtol=1e-8, atol=1e-10)


def test_pieces_make_no_difference(mixture, monkeypatch):
    x = points(64)
    whole = mixture.posterior_mean(x, sigmas(x, 0.2))
    monkeypatch.setattr("studio.models.toy.mixture._PIECE", 10)
    torch.testing.assert_close(mixture.posterior_mean(x, sigmas(x, 0.2)), whole)


def test_a_coordinate_alone_is_the_sum_over_the_other(mixture):
    axis = torch.linspace(-6, 6, 2401, dtype=torch.float64)
    for coordinate in (0, 1):
        for place in (-0.5, 0.3):
            line = torch.full_like(axis, place)
            pair = (line, axis) if coordinate == 0 else (axis, line)
            grid = torch.stack(pair, dim=1)
            wanted = mixture.log_density(grid, sigmas(grid, 0.4)).exp().sum() * 0.005
            flat = torch.tensor([[place, 0.0]], dtype=torch.float64)
            level = torch.tensor([0.4], dtype=torch.float64)
            log = mixture.marginal(coordinate).log_density(flat, level)
            rest = -0.5 * np.log(2 * np.pi * 0.4**2)  # that of the coordinate which is always 0
            assert float(log) - rest == pytest.approx(float(wanted.log()), abs=1e-6)
