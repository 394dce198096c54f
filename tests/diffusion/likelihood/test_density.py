"""The density against closed forms; "truth" is stated once more with torch.distributions."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import (
    Categorical,
    Independent,
    MixtureSameFamily,
    MultivariateNormal,
    Normal,
)

from studio.diffusion.likelihood import (
    bits_per_dim,
    log_density,
    pull_of,
    rademacher,
)
from studio.diffusion.likelihood.draws import gaussian as normal_probes
from tests.diffusion.conftest import Gaussian, Mixture

LOW, HIGH = 0.002, 80.0


def mixture_truth(x, sigma):
    stds = (Mixture.stds**2 + sigma**2).sqrt()
    parts = Independent(Normal(Mixture.means, stds[:, None].expand(3, 4)), 1)
    return MixtureSameFamily(Categorical(Mixture.weights), parts).log_prob(x.flatten(1)).numpy()


def normal_truth(x, std, mean=0.0):
    return Normal(mean, std).log_prob(x).flatten(1).sum(1).numpy()


def measured(denoise, x, *, high=HIGH, low=LOW, **options):
    *_, last = log_density(pull_of(denoise), x, low, high, **options)
    assert last.done.all()
    return last


def probes(x, draw=rademacher):
    return torch.from_numpy(draw([(0, i) for i in range(len(x))], x.shape[1:]))


def bits(nats, x):
    return np.abs(nats) / x[0].numel() / math.log(2)


@pytest.fixture
def points(draw):
    return Mixture.means[[0, 1, 2, 1, 0]].reshape(5, 1, 2, 2) + 0.25 * draw(3)


def test_the_exact_trace_gives_the_density_of_a_mixture(mixture, points):
    found = measured(mixture, points, data_std=0.8)
    assert bits(found.log_p - mixture_truth(points, LOW), points).max() < 0.002


def test_without_noise_left_it_is_that_of_the_data_themselves(mixture, points):
    found = measured(mixture, points, data_std=0.8)
    assert bits(found.log_p - mixture_truth(points, 0), points).max() < 0.01


def test_a_gaussian_of_many_values_by_one_probe(draw):
    x = 0.5 * draw(0, (6, 3, 8, 8))
    found = measured(Gaussian(mean=0.0), x, probes=probes(x), data_std=0.5)
    # Its Jacobian is a multiple of one, of which ±1 give the trace without error.
    assert bits(found.log_p - normal_truth(x, math.hypot(0.5, LOW)), x).max() < 0.005


@pytest.mark.parametrize("draw_probes", [rademacher, normal_probes])
def test_probes_are_right_on_average(mixture, points, draw_probes):
    many = points[:1].expand(100, -1, -1, -1)
    found = measured(
        mixture, many, probes=probes(many, draw_probes), data_std=0.8, rtol=1e-3, atol=1e-3
    )
    error = found.log_p - mixture_truth(many[:1], LOW)
    assert error.std() > 0.01
    assert abs(error.mean()) < 4 * error.std() / math.sqrt(100) + 0.005


def test_the_order_of_values_in_memory_does_not_count(mixture, points):
    points, rough = points[:2], {"rtol": 1e-2, "atol": 1e-2}
    turned = points.transpose(2, 3).contiguous().transpose(2, 3)
    assert turned.stride() != points.stride()
    for v in (None, probes(points)):
        plain = measured(mixture, points, probes=v, **rough).log_p
        assert measured(mixture, turned, probes=v, **rough).log_p == pytest.approx(plain, rel=1e-12)


def test_a_full_covariance_by_the_exact_trace():
    covariance = torch.tensor([[1.0, 0.6], [0.6, 0.5]], dtype=torch.float64)
    x = torch.tensor([[0.3, -0.2], [1.5, 1.0], [-2.0, 0.4]], dtype=torch.float64)

    def denoise(x, sigma):
        gain = covariance @ torch.linalg.inv(covariance + sigma**2 * torch.eye(2))
        return (x.flatten(1) @ gain.T).view_as(x)

    options = {"data_std": 0.9, "high": 2e3, "rtol": 1e-6, "atol": 1e-6}
    found = measured(denoise, x[:, :, None, None], **options)
    smoothed = covariance + LOW**2 * torch.eye(2)
    exact = MultivariateNormal(torch.zeros(2, dtype=torch.float64), smoothed)
    assert np.abs(found.log_p - exact.log_prob(x).numpy()).max() < 1e-4


def test_the_error_follows_the_tolerance(mixture, points):
    points = points[:2]
    truth = mixture_truth(points, LOW)
    options = {"data_std": 0.8, "high": 1e4}  # far up, where the prior is exact
    found = (measured(mixture, points, rtol=t, atol=t, **options) for t in (1e-2, 1e-4, 1e-6))
    errors = [bits(at.log_p - truth, points).max() for at in found]
    assert errors[0] > 10 * errors[1] > 100 * errors[2]
    assert errors[1] < 0.01


def test_the_prior_of_the_noise_alone_is_off_by_what_is_known(draw):
    std, high = 0.5, 1.0
    x = std * draw(0, (40, 1, 4, 4))
    plain = measured(Gaussian(mean=0.0, std=std), x, high=high, rtol=1e-6, atol=1e-6).log_p
    right = measured(
        Gaussian(mean=0.0, std=std), x, high=high, data_std=std, rtol=1e-6, atol=1e-6
    ).log_p
    end = x * math.sqrt((std**2 + high**2) / (std**2 + LOW**2))
    bias = normal_truth(end, high) - normal_truth(end, math.hypot(std, high))
    assert plain - right == pytest.approx(bias, abs=1e-4)
    assert bits(right - normal_truth(x, math.hypot(std, LOW)), x).max() < 1e-4
    assert bits(plain - right, x).mean() > 0.01


def test_a_picture_does_not_depend_on_its_batch(mixture, points):
    together = measured(mixture, points, probes=probes(points))
    for i in range(len(points)):
        one = slice(i, i + 1)
        alone = measured(mixture, points[one], probes=probes(points)[one])
        assert (alone.log_p[0], alone.calls[0]) == (together.log_p[i], together.calls[i])


def test_results_come_as_they_are_ready_and_the_share_rises(mixture, points):
    shares, ready = [], []
    for at in log_density(pull_of(mixture), points, LOW, HIGH, probes=probes(points)):
        shares.append(at.share)
        ready.append(int(at.done.sum()))
        assert (np.isfinite(at.log_p) == at.done).all()
        assert torch.is_grad_enabled()
    assert ready == sorted(ready)
    assert ready[0] == 0
    assert (np.diff(shares, axis=0) >= 0).all()
    assert shares[-1] == pytest.approx(np.ones(5))


def test_the_exact_trace_counts_an_evaluation_for_every_value(mixture, points):
    seen = 0

    def counted(x, sigma):
        nonlocal seen
        seen += len(x)
        return mixture(x, sigma)

    assert measured(counted, points).calls.sum() == seen


@pytest.mark.parametrize(
    "options",
    [{"low": 0.0}, {"low": 80.0}, {"high": math.inf}, {"rtol": 0.0}, {"data_std": -1.0}],
)
def test_what_cannot_be_solved_is_refused(mixture, points, options):
    with pytest.raises(ValueError, match=r"have to|they have"):
        measured(mixture, points, **options)


def test_bits_per_dimension_of_a_uniform_byte_are_eight():
    # The density of one that is spread over [-1, 1] is 1/2.
    assert bits_per_dim(12 * math.log(0.5), 12) == pytest.approx(8)
    assert bits_per_dim(12 * math.log(0.5), 12, "centred") == pytest.approx(1 + math.log2(127.5))
    assert bits_per_dim(12 * math.log(0.5), 12, "none") == pytest.approx(1)
