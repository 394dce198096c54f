"""What holds for every schedule, and those over a table against the public formulas."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from studio.diffusion import SCHEDULES, KnobError, schedule
from studio.diffusion.levels import parse_levels
from studio.diffusion.schedules.published import ALIGNED
from studio.diffusion.tables import ddpm_table

TABLE = tuple(reversed(ddpm_table()))
RISING = np.array(ddpm_table())
COUNTED = ("ays", "custom", "kl_optimal", "normal", "quadratic", "sgm_uniform", "shape")
COUNTED += ("time_uniform",)
ENDED = ("custom", "kl_optimal", "laplace", "linear", "quadratic", "shape", "time_uniform")


@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("name", SCHEDULES)
@given(steps=st.integers(1, 200), low=st.floats(1e-3, 0.2), span=st.floats(5, 1e4))
def test_levels_fall_to_0_and_are_no_more_than_asked_for(name, steps, low, span):
    try:
        levels = schedule(name, steps, low, low * span)
    except KnobError:
        assume(False)
    assert all(a > b for a, b in pairwise(levels))
    assert levels[-1] == 0.0 and levels[0] <= low * span * (1 + 1e-5)
    assert levels[-2] >= low * (1 - 1e-5) or name == "ays" or steps == 1
    if name in COUNTED and name not in {"normal", "sgm_uniform"}:
        assert len(levels) == steps + 1
    if name in ENDED and steps > 1:
        assert (levels[0], levels[-2]) == (low * span, low)


def test_the_table_of_ddpm_is_that_of_its_betas():
    abar = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))
    np.testing.assert_allclose(RISING, np.sqrt((1 - abar) / abar), rtol=1e-9)


def at_times(t):
    return np.exp(np.interp(t, np.arange(1000), np.log(RISING)))


PUBLIC = {
    "normal": lambda n: at_times(np.linspace(999, 0, n)),
    "sgm_uniform": lambda n: at_times(np.linspace(999, 0, n + 1)[:-1]),
    "simple": lambda n: np.array([RISING[-(1 + int(i * 1000 / n))] for i in range(n)]),
    "ddim_uniform": lambda n: RISING[np.arange(1, 1000, 1000 // n)][::-1],
    "beta": lambda n: RISING[
        np.rint(stats.beta.ppf(1 - np.linspace(0, 1, n, endpoint=False), 0.6, 0.6) * 999).astype(
            int
        )
    ],
    "linspace": lambda n: RISING[np.linspace(0, 999, n).round()[::-1].astype(int)],
    "leading": lambda n: RISING[(np.arange(n) * (1000 // n))[::-1] + 1],
    "trailing": lambda n: RISING[np.round(np.arange(1000, 0, -1000 / n)).astype(int) - 1],
}


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.parametrize("steps", [5, 10, 18, 50])
def test_schedules_over_a_table_are_the_public_ones(name, steps):
    found = schedule(name, steps, TABLE[-1], TABLE[0], table=TABLE)
    np.testing.assert_allclose(found[:-1], PUBLIC[name](steps), rtol=1e-9)


def test_a_model_without_a_table_is_treated_as_ddpm():
    assert schedule("simple", 12) == schedule("simple", 12, TABLE[-1], TABLE[0], table=TABLE)


def test_only_the_part_of_a_table_within_the_range_is_used():
    levels = schedule("simple", 5, 0.5, 20.0, table=TABLE)[:-1]
    assert set(levels) <= {level for level in TABLE if 0.5 <= level <= 20}
    assert levels[0] == max(level for level in TABLE if level <= 20)


def test_a_range_without_levels_of_the_model_is_refused():
    with pytest.raises(KnobError, match="Only 0 of the model's own noise levels lie between"):
        schedule("simple", 5, 500.0, 1000.0, table=TABLE)


@pytest.mark.parametrize("which", ["sd1", "sdxl"])
def test_ten_aligned_steps_are_the_published_ones(which):
    assert schedule("ays", 10, which=which) == (*ALIGNED[which][:-1], 0.0)


def test_other_counts_of_aligned_steps_are_interpolated_in_ln_sigma():
    logs = np.log(ALIGNED["sd1"])
    wanted = np.exp(np.interp(np.linspace(0, 10, 21), np.arange(11), logs))
    np.testing.assert_allclose(schedule("ays", 20)[:-1], wanted[:-1], rtol=1e-9)


def test_kl_optimal_is_even_in_the_arctangent():
    gaps = np.diff(np.arctan(schedule("kl_optimal", 9)[:-1]))
    np.testing.assert_allclose(gaps, gaps[0], rtol=1e-9)


def test_laplace_gives_quantiles_of_its_distribution():
    levels = schedule("laplace", 21, mu=-0.5, b=0.8)[1:-2]
    wanted = np.exp(stats.laplace.ppf(1 - np.arange(1, 20) / 20, loc=-0.5, scale=0.8))
    np.testing.assert_allclose(levels, wanted, rtol=1e-9)


@pytest.mark.parametrize(("name", "power"), [("time_uniform", 1.0), ("quadratic", 0.5)])
def test_time_schedules_are_even_in_the_time_of_vp(name, power):
    growth = np.log1p(np.square(schedule(name, 11)[:-1]))  # = 9.95 t^2 + 0.1 t
    t = (np.sqrt(0.01 + 4 * 9.95 * growth) - 0.1) / (2 * 9.95)
    gaps = np.diff(t**power)
    np.testing.assert_allclose(gaps, gaps[0], rtol=1e-7)


def test_a_custom_list_is_kept_as_it_is_and_stretched_to_other_counts_and_ends():
    text = "10, 3 1;0.1 0"
    assert schedule("custom", 4, levels=text) == (10.0, 3.0, 1.0, 0.1, 0.0)
    assert schedule("custom", 7, levels=text)[:-1:2] == pytest.approx((10.0, 3.0, 1.0, 0.1))
    wider = schedule("custom", 4, 0.01, 100.0, levels=text)
    assert np.diff(np.log(wider[:-1])) == pytest.approx(2 * np.diff(np.log([10, 3, 1, 0.1])))


@pytest.mark.parametrize("text", ["", "1", "1 2", "2 2", "a b", "3 -1", "inf 1", "nan 1", "0 0"])
def test_a_list_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match=r"write at least two|must fall"):
        parse_levels(text)
    with pytest.raises(KnobError, match="levels cannot be"):
        schedule("custom", 4, levels=text)


def test_the_shape_is_exponential_in_its_middle_and_crowds_where_it_is_told():
    assert schedule("shape", 9) == pytest.approx(schedule("exponential", 9))

    def gaps(**knobs):
        return -np.diff(np.log(schedule("shape", 41, **knobs)[:-1]))

    even = gaps()[0]
    top, end = gaps(density_top=4.0), gaps(density_end=4.0)
    assert top[0] == pytest.approx(even / 4, rel=0.15) and end[-1] == pytest.approx(
        even / 4, rel=0.15
    )
    assert top[0] < min(top[5:]) and end[-1] < min(end[:-5])


def test_schedules_are_listed_by_family_and_karras_is_near_the_top():
    families = [spec.family for spec in SCHEDULES.values()]
    assert len({family for family, _ in pairwise(families)}) == len(set(families[:-1]))
    changes = sum(a != b for a, b in pairwise(families))
    assert changes == len(set(families)) - 1
    assert list(SCHEDULES).index("karras") < 4
    assert math.isclose(SCHEDULES["karras"].sigma_range[1], 80.0)
