import math

import pytest

from studio.diffusion import schedule


def test_exponential_divides_by_the_same_factor():
    sigmas = schedule("exponential", 6, 0.1, 10.0)[:-1]
    expected = [10 / 100 ** (i / 5) for i in range(6)]
    assert sigmas == pytest.approx(expected, rel=1e-14, abs=0)


@pytest.mark.parametrize("rho", [0.5, 1.0, 2.0, 3.5])
def test_polyexponential_is_even_in_a_power_of_the_logarithm(rho):
    sigmas = schedule("polyexponential", 9, 0.002, 80.0, rho=rho)[:-1]
    ramp = [(math.log(s / 0.002) / math.log(80 / 0.002)) ** (1 / rho) for s in sigmas]
    assert ramp == pytest.approx([1 - i / 8 for i in range(9)], abs=1e-7)


def test_polyexponential_is_exponential_by_default():
    assert schedule("polyexponential", 30) == schedule("exponential", 30)
