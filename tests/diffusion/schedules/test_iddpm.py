import math

import pytest

from studio.diffusion import KnobError, schedule
from studio.diffusion.schedules.iddpm import trained_levels

DEFAULTS = (0.001, 0.008, 1000)


def test_trained_levels_are_the_published_ones():
    u = trained_levels(*DEFAULTS)
    assert len(u) == 1000
    assert u[0] == pytest.approx(20291.17, abs=0.005)
    assert u[8] == pytest.approx(80.2037, abs=5e-5)
    assert u[999] == pytest.approx(0.00642, abs=1e-5)


@pytest.mark.parametrize(("c_1", "c_2", "m"), [DEFAULTS, (0.01, 0.0, 50), (1e-6, 0.1, 400)])
def test_trained_levels_follow_the_recursion(c_1, c_2, m):
    def abar(j):
        return math.sin(math.pi * j / (2 * m * (c_2 + 1))) ** 2

    u = [0.0]
    for j in range(m, 0, -1):
        u.append(math.sqrt((u[-1] ** 2 + 1) / max(abar(j - 1) / abar(j), c_1) - 1))
    assert trained_levels(c_1, c_2, m) == pytest.approx(u[:0:-1], rel=1e-10)


def test_without_the_limit_the_levels_are_those_of_the_cosine():
    """Telescoping: u_j^2 + 1 = abar_M / abar_j, wherever no ratio is below C_1."""
    u = trained_levels(*DEFAULTS)
    unit = math.pi / (2 * 1000 * 1.008)
    for j in (40, 200, 700, 999):
        top, here = math.sin(1000 * unit), math.sin(j * unit)
        expected = math.sqrt((top - here) * (top + here)) / here
        assert u[j] == pytest.approx(expected, rel=1e-13)


def test_levels_are_evenly_chosen_among_those_inside():
    inside = [u for u in trained_levels(*DEFAULTS) if 0.002 <= u <= 81]
    assert len(inside) == 992
    expected = [inside[round(i * 991 / 17)] for i in range(18)]
    assert schedule("iddpm", 18)[:-1] == tuple(expected)


def test_more_steps_than_levels_give_each_level_once():
    inside = tuple(u for u in trained_levels(*DEFAULTS) if 0.002 <= u <= 81)
    assert schedule("iddpm", 992) == (*inside, 0.0)
    assert schedule("iddpm", 5000) == (*inside, 0.0)


def test_a_range_without_a_level_is_refused():
    with pytest.raises(KnobError, match=r"No trained level lies between sigma_min 80\.3 and"):
        schedule("iddpm", 10, 80.3, 80.4)
