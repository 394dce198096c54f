import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.diffusion import Knob, KnobError
from studio.diffusion.curve import Curve, box_text, curve, curve_text


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


@pytest.mark.parametrize("text", ["10: 0, 5: 0, 5: 3, 1: 3", "1: 3, 5: 3, 5: 0, 10: 0"])
def test_a_level_given_twice_is_a_jump_that_has_happened_at_the_level(text):
    step = curve(text)
    assert [step(sigma) for sigma in (7.0, math.nextafter(5, 9), 5.0, 2.0)] == [0, 0, 3, 3]


def test_a_level_given_three_times_is_refused():
    with pytest.raises(ValueError, match="more than twice"):
        curve("9: 0, 1: 0, 1: 2, 1: 3")


levels = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=6)
values = st.sampled_from([0.0, 1.0, 2.5])


@given(levels, st.data(), st.floats(1e-4, 1e4))
def test_a_curve_comes_back_from_its_text(levels, data, sigma):
    falling = sorted(set(levels), reverse=True)
    points = [(level, data.draw(values)) for level in falling]
    drawn = curve(curve_text(points))
    assert drawn(sigma) == curve(", ".join(f"{s!r}: {v!r}" for s, v in points))(sigma)
    assert len(points) == 1 or drawn.points == tuple(points)


@given(levels, levels, st.data(), st.floats(1e-3, 1e3), st.floats(1.0, 50.0))
def test_curves_that_agree_have_the_same_values(one, other, data, low, width):
    many = {s: data.draw(values) for s in (*one, *other)}
    curves = [
        Curve(tuple(sorted(set(own))), tuple(many[s] for s in sorted(set(own))))
        for own in (one, (*one, *other))
    ]
    high = low * width
    inside = [low, high, (low * high) ** 0.5, *(s for s in many if low <= s <= high)]
    equal = all(curves[0](s) == curves[1](s) for s in inside)
    assert not curves[0].agrees(curves[1], low, high) or equal
    assert curves[0].agrees(curves[0], low, high)


def test_curves_agree_as_far_as_they_are_the_same():
    one, other = curve("80: 1, 8: 3, 1: 3, 0.1: 1"), curve("80: 1, 8: 3, 1: 3, 0.1: 2")
    assert one.agrees(other, 1.0, 200.0)
    assert not one.agrees(other, 0.9, 2.0)
    assert one.agrees(curve("3"), 1.0, 8.0)
    assert not one.agrees(curve("3"), 1.0, 8.1)
    assert curve("5: 1, 5: 2, 1: 2").agrees(curve("2"), 0.1, 5.0)
    assert not curve("5: 1, 5: 2, 1: 2").agrees(curve("2"), 0.1, 5.1)


@pytest.mark.parametrize("low", [0.0, 0.05])
@pytest.mark.parametrize("high", [0.05, 50.0, math.inf])
def test_a_box_is_open_below_and_closed_above(low, high):
    box = curve(box_text(3.0, low, high, 1.0))
    edges = (0.05, 50.0)
    near = [math.nextafter(edge, side) for edge in edges for side in (0.0, math.inf)]
    for sigma in (1e-4, 1.0, 500.0, *edges, *near):
        assert box(sigma) == (3.0 if low < sigma <= high else 1.0), sigma
