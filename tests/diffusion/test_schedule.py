import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.diffusion import SCHEDULES, KnobError, schedule

TABLE_1 = {"karras": (0.002, 80.0), "ve": (0.02, 100.0), "iddpm": (0.002, 81.0)}
PINNED = ["karras", "vp", "ve", "exponential", "polyexponential", "linear"]
PINNED += ["time_uniform", "quadratic", "kl_optimal", "custom", "shape"]
"""Those that give as many levels as they are asked for, from end to end."""


@settings(deadline=None)
@given(
    name=st.sampled_from([*PINNED, "iddpm"]),
    steps=st.integers(1, 300),
    low=st.floats(1e-3, 0.03),
    high=st.floats(1.0, 1000.0),
)
def test_levels_fall_strictly_from_end_to_end(name, steps, low, high):
    sigmas = schedule(name, steps, low, high)
    assert all(a > b for a, b in pairwise(sigmas))
    assert all(type(sigma) is float for sigma in sigmas)
    assert sigmas[-1] == 0.0
    if name in PINNED:
        assert len(sigmas) == steps + 1
        assert sigmas[0] == high
        assert steps == 1 or sigmas[-2] == low
    else:
        assert len(sigmas) <= steps + 1
        assert steps == 1 or low <= sigmas[-2] <= sigmas[0] <= high


@settings(deadline=None)
@given(
    st.sampled_from(
        [(spec, knob) for spec in SCHEDULES.values() for knob in spec.knobs if knob.soft]
    ),
    st.floats(0, 1),
    st.integers(1, 100),
)
def test_every_place_of_every_slider_gives_a_schedule(spec_and_knob, place, steps):
    spec, knob = spec_and_knob
    left, right = knob.soft
    value = left + place * (right - left)
    value = round(value) if knob.kind == "int" else value
    sigmas = schedule(spec.id, steps, **{knob.id: value})
    assert all(a > b for a, b in pairwise(sigmas))


@pytest.mark.parametrize("name", SCHEDULES)
def test_one_step_is_the_highest_level_and_zero(name):
    assert schedule(name, 1, 0.01, 50.0) == (50.0, 0.0)


@pytest.mark.parametrize("name", [*PINNED, "iddpm"])
def test_two_steps_are_the_two_ends(name):
    low, high = SCHEDULES[name].sigma_range
    sigmas = schedule(name, 2)
    assert len(sigmas) == 3
    assert sigmas[:2] == pytest.approx((high, low), rel=3 if name == "iddpm" else 0)


@pytest.mark.parametrize(("name", "ends"), TABLE_1.items())
def test_the_default_range_is_that_of_table_1(name, ends):
    assert SCHEDULES[name].sigma_range == ends


def test_one_end_can_be_given():
    assert schedule("karras", 4, sigma_max=10)[0] == 10.0
    assert schedule("karras", 4, sigma_max=10)[-2] == 0.002
    assert schedule("karras", 4, sigma_min=np.float64(0.1))[-2] == 0.1


@pytest.mark.parametrize("steps", [0, -3, 2.5, 18.0, "18", None, True, math.nan])
def test_steps_must_be_a_whole_number_from_1(steps):
    with pytest.raises(KnobError, match=r"steps cannot be .*; give a whole number of at least 1"):
        schedule("karras", steps)


@pytest.mark.parametrize("level", [0, -1.0, math.nan, math.inf, "1", True])
@pytest.mark.parametrize("end", ["sigma_min", "sigma_max"])
def test_an_end_must_be_a_finite_number_above_0(end, level):
    with pytest.raises(KnobError, match=f"{end} cannot be .*; give a finite number above 0"):
        schedule("karras", 18, **{end: level})


@pytest.mark.parametrize("ends", [(1.0, 1.0), (2.0, 1.0), (100.0, None), (None, 0.001)])
def test_the_ends_must_be_in_order(ends):
    with pytest.raises(KnobError, match=r"sigma_min .* must be below sigma_max"):
        schedule("karras", 1, *ends)


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(KnobError, match=r"no schedule 'karas'. Did you mean 'karras'\?"):
        schedule("karas", 18)
    with pytest.raises(KnobError, match="Karras has no knob 'eta'; its knobs are: rho"):
        schedule("karras", 18, eta=1.0)


@pytest.mark.parametrize("name", PINNED)
def test_levels_that_floats_cannot_tell_apart_are_refused(name):
    ends = (0.01, math.nextafter(math.nextafter(0.01, 1), 1))
    with pytest.raises(KnobError):
        schedule(name, 30, *ends)


@pytest.mark.parametrize("name", PINNED)
@pytest.mark.parametrize("ends", [(1e-300, 1e300), (1e300, 1e307), (1e-307, 1e-300)])
def test_ends_beyond_reason_give_a_schedule_or_a_knob_error(name, ends):
    knobs = {"rho": SCHEDULES[name].knobs[0].low} if name == "karras" else {}
    try:
        sigmas = schedule(name, 9, *ends, **knobs)
    except KnobError as error:
        assert "sigma_max" in str(error)
    else:
        assert all(a > b for a, b in pairwise(sigmas))
