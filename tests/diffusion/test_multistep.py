import math

import numpy as np
import pytest
from scipy.integrate import quad

from studio.diffusion.multistep import estimate_weights, slope_weights
from studio.diffusion.paths import path_between

LEVELS = (3.0, 4.2, 6.5, 11.0)


def lagrange(times, j, time):
    others = [t for k, t in enumerate(times) if k != j]
    return np.prod([(time - t) / (times[j] - t) for t in others])


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("clock", [math.log, float, path_between("vp", (0.002, 80.0)).time])
def test_slope_weights_integrate_the_polynomials_over_the_noise_level(count, clock):
    levels = LEVELS[:count]
    times = [clock(level) for level in levels]
    for j, weight in enumerate(slope_weights(levels, 3.0, 2.0, clock)):
        exact, _ = quad(lambda s, j=j: lagrange(times, j, clock(s)), 3.0, 2.0, epsabs=1e-13)
        assert weight == pytest.approx(exact, rel=1e-11)


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_estimate_weights_are_exact_for_polynomials_in_ln_sigma(degree):
    """For D = s^k with s = ln sigma, X' = r X - sigma' times the integral of s^k e^-s."""
    weights = estimate_weights(LEVELS, 3.0, 2.0)
    got = sum(w * math.log(level) ** degree for w, level in zip(weights, LEVELS, strict=True))
    exact, _ = quad(lambda s: s**degree * math.exp(-s), math.log(3.0), math.log(2.0), epsabs=1e-14)
    assert got == pytest.approx(-2.0 * exact, rel=1e-11)


def test_uniform_steps_in_sigma_give_the_classic_adams_coefficients():
    classic = np.array([55, -59, 37, -9]) / 24
    np.testing.assert_allclose(slope_weights((4.0, 5, 6, 7), 4.0, 3.0, float), -classic, rtol=1e-12)


def test_one_estimate_gives_the_step_of_ddim_however_long():
    (weight,) = estimate_weights((80.0,), 80.0, 0.002)
    assert weight == pytest.approx(1 - 0.002 / 80, rel=1e-11)


def test_the_corrector_may_look_at_the_level_that_it_leads_to():
    """Adams-Moulton of second order in sigma is the trapezium rule."""
    assert slope_weights((2.0, 3.0), 3.0, 2.0, float) == pytest.approx((-0.5, -0.5))
