import math
from fractions import Fraction

import numpy as np
import pytest

from studio.diffusion import GUIDANCE_KNOBS, SAMPLERS, SCHEDULES, Knob, KnobError

SPECS = (*SAMPLERS.values(), *SCHEDULES.values())
EVERY = [knob for spec in SPECS for knob in spec.knobs] + list(GUIDANCE_KNOBS)

RHO = Knob("rho", "ρ", 7.0, low=1.0, high=10.0)
COUNT = Knob("m", "M", 1000, low=2)
SWITCH = Knob("corrected", "Corrected", False)
PATH = Knob("path", "Path", "edm", choices=(("edm", "EDM"), ("vp", "VP")))


@pytest.mark.parametrize(
    ("knob", "kind"), [(RHO, "float"), (COUNT, "int"), (SWITCH, "bool"), (PATH, "choice")]
)
def test_the_default_tells_the_kind(knob, kind):
    assert knob.kind == kind


@pytest.mark.parametrize(
    ("knob", "given", "value"),
    [
        (RHO, 7, 7.0),
        (RHO, 1.0, 1.0),
        (RHO, 10, 10.0),
        (RHO, np.float32(2.5), 2.5),
        (RHO, Fraction(3, 2), 1.5),
        (COUNT, 250, 250),
        (COUNT, 250.0, 250),
        (COUNT, np.int64(250), 250),
        (SWITCH, True, True),
        (PATH, "vp", "vp"),
        (Knob("s_tmax", "S_tmax", math.inf), math.inf, math.inf),
    ],
)
def test_a_value_comes_back_in_the_type_of_the_knob(knob, given, value):
    checked = knob.check(given)
    assert checked == value
    assert type(checked) is type(value)


@pytest.mark.parametrize(
    ("knob", "given", "message"),
    [
        (RHO, 0.5, r"rho cannot be 0\.5; give a number between 1 and 10"),
        (RHO, math.inf, "rho cannot be inf"),
        (RHO, math.nan, "rho cannot be nan"),
        (RHO, True, "rho cannot be True"),
        (RHO, "7", "rho cannot be '7'"),
        (RHO, None, "rho cannot be None"),
        (RHO, 10**400, "rho cannot be 1000"),
        (COUNT, 2.5, r"m cannot be 2\.5; give a whole number of at least 2"),
        (COUNT, math.inf, "m cannot be inf; give a whole number"),
        (COUNT, 1, "m cannot be 1; give a number of at least 2"),
        (COUNT, False, "m cannot be False"),
        (SWITCH, 1, "corrected is a switch and cannot be 1; give true or false"),
        (PATH, "ve", "path cannot be 've'; choose one of: edm, vp"),
        (PATH, ["vp"], "path cannot be"),
        (Knob("eta", "η", 0.0, high=1.0), 2, "eta cannot be 2; give a number of at most 1"),
        (Knob("shift", "Shift", 0.0), "x", "shift cannot be 'x'; give a number of any size"),
    ],
)
def test_a_refused_value_is_named_with_what_the_knob_takes(knob, given, message):
    with pytest.raises(KnobError, match=message):
        knob.check(given)


def test_a_default_that_the_knob_refuses_cannot_be_declared():
    with pytest.raises(KnobError, match="rho cannot be 0"):
        Knob("rho", "ρ", 0.0, low=1.0)


def test_a_knob_error_is_a_value_error():
    assert issubclass(KnobError, ValueError)


@pytest.mark.parametrize("knob", EVERY, ids=lambda knob: knob.id)
def test_every_knob_can_be_shown(knob):
    assert knob.label
    assert knob.help.endswith(".")
    assert knob.id == knob.id.lower()
    if knob.kind in {"int", "float"}:
        left, right = knob.soft
        assert knob.low <= left < right <= knob.high
