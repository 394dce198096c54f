import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.diffusion import Knob, KnobError
from studio.diffusion.curve import curve


def test_one_number_holds_at_every_level():
    assert {curve("0.3")(sigma) for sigma in (1e-3, 1.0, 80.0)} == {0.3}


def test_points_are_joined_by_straight_lines_in_ln_sigma():
    bump = curve("100: 0, 1: 2, 0.01: 1")
    assert bump(10.0) == pytest.approx(1.0)
    assert bump(0.1) == pytest.approx(1.5)
    assert (bump(1e4), bump(100.0), bump(1.0), bump(0.01), bump(1e-6)) == (0, 0, 2, 1, 1)


@given(st.dictionaries(st.floats(1e-3, 1e3), st.floats(0, 10), min_size=1), st.floats(1e-4, 1e4))
def test_a_curve_stays_between_its_values(points, sigma):
    text = ", ".join(f"{level!r}: {value!r}" for level, value in points.items())
    low, high = min(points.values()), max(points.values())
    value = curve(text)(sigma)
    assert low <= value <= high or math.isclose(value, low) or math.isclose(value, high)


@pytest.mark.parametrize(
    "text", ["", "a", "1:", ":1", "0: 1", "-1: 1", "1: -1", "1: nan", "inf: 1"]
)
def test_what_cannot_be_read_says_how_to_write_it(text):
    with pytest.raises(ValueError, match="write one number"):
        curve(text)


def test_a_level_given_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        curve("1: 0, 1: 2")


def test_a_text_knob_checks_what_it_is_given():
    knob = Knob("langevin", "β", "1", parse=curve)
    assert knob.kind == "text"
    assert knob.check("80: 0, 1: 1") == "80: 0, 1: 1"
    with pytest.raises(KnobError, match="langevin cannot be 'x': write one number"):
        knob.check("x")
    with pytest.raises(KnobError, match="is a text"):
        knob.check(1.0)
