import math

import mpmath
import pytest

from studio.diffusion.paths import EDM, VE, path_between, vp_betas, vp_path

RANGES = [(0.002, 80.0), (0.02, 100.0), (0.0105, 152.2), (0.5, 10.0)]
PATHS = [EDM, VE, vp_path(19.9, 0.1), vp_path(0.5, 0.0)]
PATHS += [vp_path(*vp_betas(*ends)) for ends in RANGES[:3]]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("sigma", [0.02, 0.3, 1.0, 17.0, 80.0])
def test_time_is_the_inverse_of_sigma(path, sigma):
    assert path.sigma(path.time(sigma)) == pytest.approx(sigma, rel=1e-12)


@pytest.mark.parametrize("path", PATHS)
def test_time_0_is_the_end(path):
    assert path.time(0.0) == 0.0
    assert path.sigma(0.0) == 0.0


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("sigma", [0.02, 1.0, 60.0])
def test_sigma_dot_is_the_derivative(path, sigma):
    t = path.time(sigma)
    h = t * 1e-5
    difference = (path.sigma(t + h) - path.sigma(t - h)) / (2 * h)
    assert path.sigma_dot(t) == pytest.approx(difference, rel=1e-7)


@pytest.mark.parametrize("ends", RANGES)
@pytest.mark.parametrize("eps_s", [1e-3, 1e-2])
def test_the_vp_path_goes_through_its_two_ends(ends, eps_s):
    path = vp_path(*vp_betas(*ends, eps_s))
    assert path.sigma(eps_s) == pytest.approx(ends[0], rel=1e-10)
    assert path.sigma(1.0) == pytest.approx(ends[1], rel=1e-10)


@pytest.mark.parametrize("betas", [(19.9, 0.1), (17.54, -0.0048)])
@pytest.mark.parametrize("sigma", [0.0025, 0.01, 1.0, 80.0])
def test_the_vp_path_is_right_to_the_last_digits(betas, sigma):
    with mpmath.workdps(40):
        d, m, level = (mpmath.mpf(value) for value in (*betas, sigma))
        time = (mpmath.sqrt(m * m + 2 * d * mpmath.log(level**2 + 1)) - m) / d
    path = vp_path(*betas)
    assert path.time(sigma) == pytest.approx(float(time), rel=1e-15, abs=0)
    with mpmath.workdps(40):
        t = mpmath.mpf(path.time(sigma))
        there = mpmath.sqrt(mpmath.exp(d * t * t / 2 + m * t) - 1)
    assert path.sigma(float(t)) == pytest.approx(float(there), rel=1e-13, abs=0)


def test_a_range_of_one_level_takes_the_betas_of_the_paper():
    level = math.sqrt(math.expm1(19.9 * 0.7**2 / 2 + 0.1 * 0.7))
    assert path_between("vp", (80.0, 80.0)).sigma(0.7) == pytest.approx(level, rel=1e-14)


def test_a_level_that_the_path_does_not_reach_is_refused():
    with pytest.raises(ValueError, match="does not reach sigma 120; lower the low end"):
        path_between("vp", (0.133, 80.0)).time(120.0)
