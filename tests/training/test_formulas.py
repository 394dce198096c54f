"""Rates, averages and keyed numbers against formulas written here once more."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from studio.training import keyed
from studio.training.average import Averages, ema_beta, power_exponent
from studio.training.rates import RATES, rate_at
from studio.training.run_file import parse_run_file
from studio.training.tally import BUCKETS, Tally, figures


def test_the_courses_of_the_rate():
    def course(name, kimg, **knobs):
        return rate_at(kimg, 200.0, 10.0, RATES[name], RATES[name].values(knobs))

    for kimg in (0.5, 5.0, 10.0, 60.0, 200.0):
        rise = min(kimg / 10, 1)
        assert course("constant", kimg) == pytest.approx(rise, abs=1e-12)
        wanted = rise * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * kimg / 200)))
        assert course("cosine", kimg, end=0.1) == pytest.approx(wanted, abs=1e-12)
        wanted = rise / math.sqrt(max(kimg / 50, 1))
        assert course("inverse_sqrt", kimg, decay_kimg=50) == pytest.approx(wanted, abs=1e-12)


def test_the_average_is_the_one_of_the_reference():
    """Karras et al. 2022, F.2: β = .5^(batch / min(half-life, .05 seen))."""
    parameter = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    averages = Averages([parameter], 1000.0, 0.05, [0.1])
    mean = power = 0.0
    gamma = power_exponent(0.1)
    for step in range(1, 51):
        value = math.sin(step)
        parameter.data.fill_(value)
        averages.update(64 * step, 64)
        beta = 0.5 ** (64 / min(1000.0, 0.05 * 64 * step))
        mean = beta * mean + (1 - beta) * value
        beta = (1 - 1 / step) ** (gamma + 1)
        power = beta * power + (1 - beta) * value
    assert averages.main[0].item() == pytest.approx(mean, abs=1e-6)
    assert averages.powers[0][0].item() == pytest.approx(power, abs=1e-6)
    assert ema_beta(64, 64, 500.0, 0.0) == 0.5 ** (64 / 500)


def test_the_exponent_of_a_length_gives_that_length():
    """The profile f(t) ~ t^γ on (0, 1) is a beta distribution, whose deviation is known."""
    for length in (0.02, 0.05, 0.1, 0.25):
        gamma = power_exponent(length)
        assert stats.beta(gamma + 1, 1).std() == pytest.approx(length, rel=1e-6)
    for length in (0.0, 0.3):
        with pytest.raises(ValueError, match=r"between 0 and 0\.28"):
            power_exponent(length)


def test_keyed_numbers_depend_on_the_sample_alone():
    samples = torch.arange(100)
    all_ = keyed.normal(7, samples, 5)
    assert torch.equal(all_[40:50], keyed.normal(7, samples[40:50], 5))
    assert torch.equal(all_[[3]], keyed.normal(7, samples[[3]], 5))
    assert not torch.equal(all_, keyed.normal(8, samples, 5))
    # SplitMix64's published first outputs for the seed 1234567.
    state, words = 1234567, []
    for _ in range(3):
        state = (state + 0x9E3779B97F4A7C15) & (2**64 - 1)
        words.append(keyed._mixed_number(state))
    assert words == [6457827717110365317, 3203168211198807973, 9817491932198370423]
    signed = torch.tensor([keyed._signed((1234567 + 0x9E3779B97F4A7C15) & (2**64 - 1))])
    assert keyed._mixed(signed).item() == 6457827717110365317


def test_keyed_numbers_have_their_distribution():
    samples = torch.arange(2000)
    u = keyed.uniform(3, samples, 50)
    z = keyed.normal(3, samples, 51)
    assert u.shape == (2000, 50) and z.shape == (2000, 51) and z.dtype == torch.float32
    assert stats.kstest(u.flatten().numpy(), "uniform").pvalue > 0.01
    assert stats.kstest(z.flatten().double().numpy(), "norm").pvalue > 0.01
    for rows in (u, z.double()):
        correlation = torch.corrcoef(rows.T) - torch.eye(rows.shape[1])
        assert correlation.abs().max() < 0.12
        assert np.corrcoef(rows[:-1].flatten(), rows[1:].flatten())[0, 1] == pytest.approx(
            0, abs=0.02
        )


def test_the_tally_by_level():
    tally = Tally(torch.device("cpu"))
    sigma = torch.tensor([0.0001, 0.0021, 79.0, 500.0, 1.0])
    tally.add_losses(sigma, torch.tensor([1.0, 3.0, 5.0, 7.0, torch.nan]))
    tally.add_step(torch.tensor(2.0), torch.tensor(0.0))
    tally.add_step(torch.tensor(torch.inf), torch.tensor(1.0))
    found = figures(tally.take())
    assert found["loss"] == 4.0 and found["skipped"] == 1 and found["gradient_norm"] == 2.0
    assert found["loss_by_level"] == [2.0, *[None] * (BUCKETS - 2), 6.0]
    assert figures(tally.take())["loss"] is None


def test_settings_reach_the_loss():
    settings = parse_run_file(b"[data]\npath='x'\n[loss]\np_mean = -0.8\n", "run.toml")
    assert settings.loss.knobs == {"ln_sigma": "normal", "p_mean": -0.8, "p_std": 1.2}
    assert settings.loss.spec.id == "edm"
