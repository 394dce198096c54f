import math

import numpy as np
import pytest
import torch

from studio.diffusion.ascent import Ascent
from studio.diffusion.likelihood import pull_of
from tests.diffusion.conftest import Gaussian, Mixture


def rates_of(denoise, rate=1.0):
    pull = pull_of(denoise)
    return lambda x, sigma, rows: (pull(x, sigma, None, rows)[0], x.new_full((len(x),), rate))


def arrived(rates, x, low=0.002, high=80.0, tolerance=1e-6):
    ascent = Ascent(rates, x, low, high, rtol=tolerance, atol=tolerance)
    while ascent.advance():
        pass
    return ascent.standing


@pytest.fixture
def points(draw):
    return Mixture.means[[0, 1, 2, 1, 0]].reshape(5, 1, 2, 2) + 0.3 * draw(3)


def test_it_reaches_the_exact_state_of_every_picture(mixture, points):
    at = arrived(rates_of(mixture), points, tolerance=1e-8)
    exact = mixture.solution(points, 0.002, 80.0)
    assert at.done.all()
    assert (at.sigma == 80).all()
    assert ((at.x - exact) / 80).abs().max() < 1e-5


def test_the_error_follows_the_tolerance(mixture, points):
    exact = mixture.solution(points, 0.002, 80.0)
    errors = [
        float((arrived(rates_of(mixture), points, tolerance=t).x - exact).abs().max()) / 80
        for t in (1e-3, 1e-5, 1e-7)
    ]
    assert errors[0] > 5 * errors[1] > 25 * errors[2]


def test_a_picture_does_not_depend_on_its_batch(mixture, points):
    together = arrived(rates_of(mixture), points)
    for i in range(len(points)):
        alone = arrived(rates_of(mixture), points[i : i + 1])
        assert torch.equal(alone.x[0], together.x[i])
        assert alone.calls[0] == together.calls[i]


def test_pictures_take_steps_of_their_own(points):
    stiff = Mixture()
    easy = Gaussian(mean=0.0, std=1.0)

    def mixed(x, sigma, rows):
        clean = torch.where(rows[:, None, None, None] == 0, by_row(easy, x, sigma), x)
        return torch.where(
            rows[:, None, None, None] == 0, clean, by_row(stiff, x, sigma)
        ), x.new_zeros(len(x))

    def by_row(denoise, x, sigma):
        return torch.cat([denoise(x[i : i + 1], float(sigma[i])) for i in range(len(x))])

    at = arrived(mixed, points)
    assert at.calls[0] < at.calls[1:].min()


def test_what_is_summed_up_is_the_integral_over_ln_sigma(mixture, points):
    at = arrived(rates_of(mixture, rate=2.0), points)
    assert at.total.numpy() == pytest.approx(np.full(5, 2 * math.log(80 / 0.002)), rel=1e-12)


def test_calls_are_counted_as_they_are_made(points):
    seen = []

    def counted(x, sigma, rows):
        seen.append(len(rows))
        return Gaussian()(x, sigma[:, None, None, None]), x.new_zeros(len(x))

    at = arrived(counted, points)
    assert sum(seen) == at.calls.sum()


def test_a_denoiser_that_returns_nan_is_named_by_its_level(points):
    broken = rates_of(lambda x, sigma: x * (math.nan if sigma > 1 else 0.99))
    with pytest.raises(ArithmeticError, match=r"cannot get on at σ .*float32"):
        arrived(broken, points)
