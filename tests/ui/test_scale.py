"""The map between values and places of a slider."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from studio.diffusion import Knob
from studio.ui.scale import Scale

LINEAR = Scale(low=0, high=200, left=0, right=100)
WHOLE = Scale(low=1, high=10_000, left=1, right=64, integer=True)
LOG = Scale(low=1e-9, high=1e6, left=1e-4, right=100, log=True)
FROM_ZERO = Scale(low=0, high=100, left=0, right=100, log=True)
ENDLESS = Scale(low=0, high=math.inf, left=0, right=100, log=True)
ALL = [LINEAR, WHOLE, LOG, FROM_ZERO, ENDLESS]
fractions = st.floats(0, 1)


@pytest.mark.parametrize("scale", ALL)
@given(a=fractions, b=fractions)
def test_both_ways_are_monotone(scale, a, b):
    a, b = sorted((a, b))
    assert scale.value(a) <= scale.value(b)
    assert scale.fraction(scale.value(a)) <= scale.fraction(scale.value(b)) + 1e-12


@pytest.mark.parametrize("scale", [LINEAR, LOG, FROM_ZERO, ENDLESS])
@given(fraction=fractions)
def test_dragging_lands_within_half_a_place(scale, fraction):
    value = scale.value(fraction)
    snaps = (0.0, scale.first, scale.right, math.inf)  # around the stretches to 0 and to ∞
    assert abs(scale.fraction(value) - fraction) <= (0.061 if value in snaps else 0.0056)


@pytest.mark.parametrize("scale", ALL)
def test_ends_are_exact(scale):
    assert scale.value(0.0) == scale.left
    assert scale.value(1.0) == (math.inf if scale.endless else scale.right)
    assert scale.fraction(scale.left) == 0.0
    assert scale.fraction(scale.value(1.0)) == 1.0


def test_log_places_follow_the_logarithm():
    middle = LOG.fraction(0.1)
    assert middle == pytest.approx(math.log(0.1 / 1e-4) / math.log(100 / 1e-4))
    assert LOG.fraction(1.0) - middle == pytest.approx(middle - LOG.fraction(0.01))


def test_zero_and_infinity_have_places_of_their_own():
    assert ENDLESS.fraction(0.0) == 0.0
    assert 0.0 < ENDLESS.fraction(1e-5) < ENDLESS.fraction(0.01)
    assert ENDLESS.fraction(100.0) < 1.0 == ENDLESS.fraction(math.inf)


def test_values_beyond_the_ends_show_at_the_ends():
    assert LINEAR.fraction(150) == 1.0
    assert LOG.fraction(1e-8) == 0.0
    assert ENDLESS.fraction(1e5) == ENDLESS.fraction(100.0)


def test_drag_values_are_round():
    for place in range(101):
        assert len(f"{LINEAR.value(place / 100):g}") <= 5
        text = f"{LOG.value(place / 100):.12g}"
        assert len(text.replace("0", "").replace(".", "").split("e")[0]) <= 3, text


@pytest.mark.parametrize(
    ("scale", "value", "count", "result"),
    [
        (LINEAR, 20.0, 1, 21.0),
        (LINEAR, 20.4, 1, 21.0),
        (LINEAR, 20.4, -1, 20.0),
        (LINEAR, 199.5, 10, 200.0),
        (LINEAR, 0.0, -1, 0.0),
        (WHOLE, 18, 1, 19),
        (WHOLE, 18, -10, 8),
        (WHOLE, 5, -10, 1),
        (LOG, 0.002, 1, 0.0021),
        (LOG, 0.002, -1, 0.0019),
        (LOG, 1.0, -1, 0.99),
        (LOG, 0.99, 1, 1.0),
        (LOG, 80.0, 1, 81.0),
        (LOG, 0.296379, 1, 0.3),
        (FROM_ZERO, 0.0, 1, 0.01),
        (FROM_ZERO, 0.01, -1, 0.0),
        (FROM_ZERO, 100.0, 1, 100.0),
        (ENDLESS, 100.0, 1, math.inf),
        (ENDLESS, math.inf, -1, 100.0),
    ],
)
def test_arrow_steps(scale, value, count, result):
    assert scale.stepped(value, count) == result


@given(st.floats(1e-4, 90), st.integers(1, 30))
def test_up_and_down_again_returns_to_the_round_value(value, count):
    start = LOG.stepped(value, 1)
    assume(LOG.stepped(start, count) < 1e6)
    assert LOG.stepped(LOG.stepped(start, count), -count) == start


def test_a_step_of_the_knob_is_the_grid():
    scale = Scale.of(Knob("g", "G", 1.0, low=0.0, high=100.0, soft=(0.0, 10.0), step=0.1))
    assert scale.stepped(1.0, 1) == 1.1
    assert scale.stepped(1.1, 2) == 1.3
    assert scale.value(0.163) == 1.6


def test_two_knobs_share_a_scale():
    low = Knob("s_tmin", "S_tmin", 0.0, low=0.0, soft=(0.0, 10.0), log=True)
    high = Knob("s_tmax", "S_tmax", math.inf, low=0.0, soft=(1.0, 100.0), log=True)
    scale = Scale.of(low, high)
    assert (scale.left, scale.right, scale.endless) == (0.0, 100.0, True)


def test_a_knob_without_ends_gets_finite_ones():
    scale = Scale.of(Knob("x", "X", 1.0))
    assert math.isfinite(scale.left) and math.isfinite(scale.right) and scale.left < scale.right
