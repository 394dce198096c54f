import math

import pytest

from studio.diffusion import SCHEDULES, KnobError, schedule


def level(t, beta_d=19.9, beta_min=0.1):
    return math.sqrt(math.exp(beta_d * t * t / 2 + beta_min * t) - 1)


@pytest.mark.parametrize("eps_s", [1e-3, 1e-2])
def test_the_default_levels_are_those_of_table_1(eps_s):
    expected = [level(1 + i / 19 * (eps_s - 1)) for i in range(20)]
    assert schedule("vp", 20, eps_s=eps_s)[:-1] == pytest.approx(expected, rel=1e-9)


def test_the_default_range_is_that_of_the_paper():
    assert SCHEDULES["vp"].sigma_range == pytest.approx((0.0104860, 152.166970), rel=1e-6)


def test_betas_are_solved_again_for_other_ends():
    beta_d = 2 * (math.log(0.02**2 + 1) / 1e-3 - math.log(80**2 + 1)) / (1e-3 - 1)
    beta_min = math.log(80**2 + 1) - beta_d / 2
    expected = [level(1 + i / 6 * (1e-3 - 1), beta_d, beta_min) for i in range(7)]
    assert schedule("vp", 7, 0.02, 80.0)[:-1] == pytest.approx(expected, rel=1e-9)


def test_ends_that_no_path_joins_are_refused():
    with pytest.raises(KnobError, match="No VP path leads from sigma_max 80 to sigma_min 1 with"):
        schedule("vp", 20, 1.0, 80.0)
    assert len(schedule("vp", 20, 1.0, 80.0, eps_s=0.1)) == 21
