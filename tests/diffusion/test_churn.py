import math

import pytest
import torch

from studio.diffusion import SAMPLERS, sample, schedule


class Recorder:
    """A source of noise that writes down what it is asked for."""

    def __init__(self, draw):
        self.asked, self.draw = [], draw

    def __call__(self, sigma_from, sigma_to):
        self.asked.append((sigma_from, sigma_to))
        return self.draw(len(self.asked))


@pytest.mark.parametrize("sampler", ["euler", "heun"])
def test_noise_is_drawn_at_every_step_or_never(mixture, draw, sampler):
    sigmas = schedule("karras", 9)
    for churn, draws in ((0.0, 0), (5.0, 9)):
        noise = Recorder(draw)
        knobs = {"s_churn": churn, "s_tmin": 0.1, "s_tmax": 10.0}
        list(sample(mixture, draw(0) * 80, sigmas, sampler, noise=noise, **knobs))
        assert len(noise.asked) == draws


@pytest.mark.parametrize(("s_churn", "gamma"), [(2.0, 2 / 9), (50.0, math.sqrt(2) - 1)])
def test_the_band_says_where_the_level_is_raised(mixture, draw, s_churn, gamma):
    sigmas = schedule("karras", 9)
    low, high = sigmas[6], sigmas[2]
    noise = Recorder(draw)
    knobs = {"s_churn": s_churn, "s_tmin": low, "s_tmax": high}
    list(sample(mixture, draw(0) * 80, sigmas, noise=noise, **knobs))
    for i, (sigma, sigma_hat) in enumerate(noise.asked):
        assert sigma == sigmas[i]
        assert sigma_hat == pytest.approx(sigma * (1 + gamma if 2 <= i <= 6 else 1), rel=1e-15)


def test_outside_the_band_nothing_changes(mixture, draw):
    sigmas, x = schedule("karras", 9), draw(0) * 80
    plain = sample(mixture, x, sigmas)
    banded = sample(mixture, x, sigmas, noise=Recorder(draw), s_churn=40.0, s_tmin=90.0)
    for a, b in zip(plain, banded, strict=True):
        assert a.x.equal(b.x)


def test_gamma_is_of_the_whole_list_after_a_branch(mixture, draw):
    sigmas, x = schedule("karras", 20), draw(0) * 80
    noise = Recorder(draw)
    list(sample(mixture, x, sigmas, noise=noise, start=15, s_churn=2.0))
    assert noise.asked[0][1] == sigmas[15] + 0.1 * sigmas[15]


def test_the_step_keeps_the_estimate_of_the_raised_level(mixture, draw):
    sigmas, x, seen = schedule("karras", 6), draw(0) * 80, []

    def watched(x, sigma):
        seen.append(sigma)
        return mixture(x, sigma)

    (first, *_) = sample(watched, x, sigmas, noise=Recorder(draw), s_churn=1.2, s_noise=1.01)
    sigma_hat = 80 + 0.2 * 80
    x_hat = x + math.sqrt(sigma_hat**2 - 80**2) * 1.01 * draw(1)
    assert seen[:2] == [sigma_hat, sigmas[1]]
    assert first.sigma == 80.0
    torch.testing.assert_close(first.denoised, mixture(x_hat, sigma_hat))


def test_churn_keeps_the_spread_of_the_noise(gaussian, draw):
    """Of a Gaussian sampled well, mean and standard deviation come out right."""
    sigmas = schedule("karras", 60)
    x = draw(0, (4000, 1, 2, 2)) * 80
    noise = Recorder(lambda i: draw(i, (4000, 1, 2, 2)))
    *_, last = sample(gaussian, x, sigmas, noise=noise, s_churn=20.0)
    assert last.x.mean().item() == pytest.approx(gaussian.mean, abs=0.02)
    assert last.x.std().item() == pytest.approx(gaussian.std, abs=0.02)


@pytest.mark.parametrize("sampler", ["euler", "heun", "dpm_2"])
@pytest.mark.parametrize("band", [(0.0, math.inf), (0.1, 10.0), "levels", (0.0, 5.0), (2.0, 1.0)])
def test_a_band_is_a_curve_to_the_last_bit(mixture, draw, sampler, band):
    sigmas, x = schedule("karras", 9), draw(0) * 80
    low, high = (sigmas[6], sigmas[2]) if band == "levels" else band
    knobs = {"s_churn": 3.0, "s_tmin": low, "s_tmax": high}
    spec = SAMPLERS[sampler]
    (knob,) = [knob for knob in spec.knobs if knob.curve]
    text = knob.curve_with(spec.values(knobs))
    published, drawn = Recorder(draw), Recorder(draw)
    plain = sample(mixture, x, sigmas, sampler, noise=published, **knobs)
    curved = sample(mixture, x, sigmas, sampler, noise=drawn, churn_curve=text)
    assert all(a.x.equal(b.x) for a, b in zip(plain, curved, strict=True))
    assert low > high or published.asked == drawn.asked


def test_a_curve_stands_in_the_place_of_the_band(mixture, draw):
    sigmas, noise = schedule("karras", 9), Recorder(draw)
    knobs = {"s_churn": 50.0, "s_tmin": 90.0, "churn_curve": "80: 0, 1: 1.8"}
    list(sample(mixture, draw(0) * 80, sigmas, noise=noise, **knobs))
    for i, (sigma, sigma_hat) in enumerate(noise.asked):
        share = min(max(math.log(80 / sigmas[i]) / math.log(80), 0), 1)
        assert sigma_hat / sigma - 1 == pytest.approx(1.8 * share / 9, abs=1e-12)


def test_a_curve_of_zeros_draws_no_noise(mixture, draw):
    noise = Recorder(draw)
    list(sample(mixture, draw(0), schedule("karras", 5), noise=noise, churn_curve="80: 0, 1: 0"))
    assert not noise.asked
