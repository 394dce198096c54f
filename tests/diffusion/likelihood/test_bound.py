import math

import numpy as np
import pytest
import torch
from scipy import stats

from studio.diffusion.likelihood import bound_levels, variational_bound
from tests.diffusion.conftest import Gaussian, Mixture
from tests.diffusion.likelihood.test_density import mixture_truth, normal_truth

STD = 0.5


def bound(denoise, x, count=300, low=0.002, high=80.0, **options):
    source = torch.Generator().manual_seed(1)

    def noise(_index):
        return torch.randn(x.shape, dtype=x.dtype, generator=source)

    options = {"decoder": "density", "data_std": STD} | options
    return list(variational_bound(denoise, x, bound_levels(count, low, high), noise, **options))


def bits(nats, x):
    return float(nats.mean()) / x[0].numel() / math.log(2)


def total(terms):
    return sum(term.nats for term in terms)


def test_every_level_has_its_term():
    x = torch.zeros(2, 1, 2, 2, dtype=torch.float64)
    terms = bound(Gaussian(), x, count=5)
    levels = bound_levels(5, 0.002, 80.0)
    assert [term.kind for term in terms] == ["prior", *["level"] * 4, "decoder"]
    assert [term.sigma for term in terms] == [levels[0], *levels]
    assert [term.sigma_next for term in terms] == [levels[0], *levels[1:], 0.0]
    assert all(term.nats.shape == (2,) for term in terms)


def test_a_term_is_the_divergence_between_two_gaussians(draw):
    """Restate L_{t-1} by the densities themselves, averaged over draws of what they compare."""
    x = 0.5 * draw(0, (1, 1, 1, 1))
    t, s, std = 1.5, 0.7, 0.8
    drawn = torch.ones(1, 1, 1, 1, dtype=torch.float64) * 0.4
    state = float(x + t * drawn)
    gain = s**2 / t**2
    own = stats.norm(gain * state + (1 - gain) * float(x), math.sqrt(s**2 * (1 - gain)))
    clean = float(Gaussian(0.0, std)(torch.tensor(state), t))
    chain = stats.norm(
        gain * state + (1 - gain) * clean,
        math.sqrt((std**2 + s**2) * (t**2 - s**2) / (std**2 + t**2)),
    )
    expected = own.expect(lambda v: own.logpdf(v) - chain.logpdf(v))
    terms = list(variational_bound(Gaussian(0.0, std), x, (t, s), lambda _i: drawn, data_std=std))
    assert float(terms[1].nats) == pytest.approx(expected, rel=1e-6)
    prior = stats.norm(float(x), t)
    whole = stats.norm(0, math.hypot(t, std))
    assert float(terms[0].nats) == pytest.approx(
        prior.expect(lambda v: prior.logpdf(v) - whole.logpdf(v)), rel=1e-6
    )


def above(nats, truth, x):
    """Return how many bits/dim a bound lies above the truth on average, and its error."""
    apart = (nats.numpy() + truth) / x[0].numel() / math.log(2)
    return apart.mean(), apart.std() / math.sqrt(len(x))


@pytest.mark.parametrize("count", [10, 100])
def test_the_bound_of_gaussian_data_is_their_density(draw, count):
    """A chain of Gaussian steps of the right variance makes them exactly, however few."""
    x = STD * draw(0, (2000, 1, 4, 4))
    mean, error = above(total(bound(Gaussian(0.0), x, count)), normal_truth(x, STD), x)
    assert error < 0.015
    assert abs(mean) < 3 * error


def test_the_bound_of_a_mixture_comes_to_the_truth_from_above(draw):
    which = np.repeat([0, 1, 2], [4000, 2400, 1600])  # its weights
    x = Mixture.means[which].reshape(-1, 1, 2, 2)
    x = x + Mixture.stds[which][:, None, None, None] * draw(5, x.shape)
    truth = mixture_truth(x, 0)
    coarse, fine = (above(total(bound(Mixture(), x, n, data_std=0.8)), truth, x) for n in (20, 200))
    assert coarse[0] > 0.1
    assert 0 < fine[0] < 0.04
    assert fine[1] < 0.01


def test_the_variance_of_a_point_costs_more_on_spread_data(draw):
    x = STD * draw(0, (200, 1, 4, 4))
    small, large = (
        bits(total(bound(Gaussian(0.0), x, 100, variance=kind)), x) for kind in ("small", "large")
    )
    assert small > large + 0.1


def test_ho_chain_of_a_point_needs_nothing_but_the_last_term():
    x = torch.full((1, 1, 2, 2), 0.25, dtype=torch.float64)
    terms = bound(lambda state, _sigma: 0 * state + 0.25, x, 10, variance="small", data_std=0.25)
    assert all(float(term.nats) == pytest.approx(0, abs=1e-12) for term in terms[1:-1])


def test_the_decoder_puts_all_of_a_byte_in_its_bin(draw):
    pixels = torch.arange(256, dtype=torch.float64).reshape(1, 1, 16, 16)
    x = pixels / 127.5 - 1
    terms = list(variational_bound(lambda _s, _l: x, x, (0.001,), lambda _i: draw(0, x.shape)))
    assert [term.kind for term in terms] == ["prior", "decoder"]
    inside = stats.norm(0, 0.001 / math.hypot(1, 0.001)).cdf(1 / 255)
    expected = -(254 * math.log(2 * inside - 1) + 2 * math.log(inside))
    assert float(terms[-1].nats) == pytest.approx(expected, rel=1e-6)


def test_the_bins_of_a_decoder_are_all_there_is():
    """Probabilities of every byte under one estimate come to 1."""
    values = torch.arange(256, dtype=torch.float64).reshape(256, 1, 1, 1) / 127.5 - 1
    for mean in (-1.2, 0.1, 0.99):
        *_, last = _decoded(values, mean)
        assert float((-last.nats).exp().sum()) == pytest.approx(1, rel=1e-9)


def _decoded(values, mean):
    return variational_bound(
        lambda state, _sigma: 0 * state + mean, values, (0.02,), lambda _i: torch.zeros_like(values)
    )


def test_a_wrong_estimate_costs_much_but_a_number():
    x = torch.full((1, 1, 2, 2), -0.5, dtype=torch.float64)
    *_, last = variational_bound(
        lambda state, _sigma: 0 * state + 1, x, (0.002,), lambda _i: torch.zeros_like(x)
    )
    assert 1e5 < float(last.nats) < 1e7


@pytest.mark.parametrize("sigmas", [(), (0.0,), (1.0, 2.0), (1.0, -1.0)])
def test_levels_that_do_not_fall_are_refused(sigmas):
    with pytest.raises(ValueError, match="have to fall"):
        variational_bound(Gaussian(), torch.zeros(1, 1, 1, 1), sigmas, lambda _i: 0)


def test_levels_are_even_in_ln_sigma_and_end_where_they_should():
    levels = bound_levels(5, 0.01, 100.0)
    assert levels == pytest.approx((100, 10, 1, 0.1, 0.01))
    assert (levels[0], levels[-1]) == (100.0, 0.01)
    with pytest.raises(ValueError, match="no chain"):
        bound_levels(1, 0.01, 100.0)
