import math

import pytest
import torch

from studio.diffusion import GUIDANCE_KNOBS, active, guided
from studio.diffusion.guidance import GUIDANCE_CURVE, strength


@pytest.mark.parametrize("guidance", [0.0, 0.5, 1.0, 3.0, 7.5])
def test_guidance_goes_from_one_estimate_through_the_other(draw, guidance):
    conditional, unconditional = draw(0), draw(1)
    expected = unconditional + guidance * (conditional - unconditional)
    torch.testing.assert_close(guided(conditional, unconditional, guidance), expected)


def test_guidance_1_is_the_conditional_estimate_to_the_last_bit(draw):
    conditional, unconditional = draw(0), draw(1)
    assert guided(conditional, unconditional, 1.0).equal(conditional)
    assert guided(conditional, unconditional, 0.0).equal(unconditional)


def test_the_interval_is_open_below_and_closed_above():
    levels = (0.5, 1.0, 1.1, 5.0, 5.1)
    assert [active(s, (1.0, 5.0)) for s in levels] == [False, False, True, True, False]
    assert all(active(sigma, (0.0, math.inf)) for sigma in levels)
    assert not active(2.0, (2.0, 2.0))


def test_the_knobs_have_the_names_of_a_recipe():
    assert {knob.id: knob.default for knob in GUIDANCE_KNOBS} == {
        "guidance": 1.0,
        "guidance_low": 0.0,
        "guidance_high": math.inf,
        "guidance_rescale": 0.0,
        "threshold": 0.0,
        "classifier_scale": 1.0,
    }


@pytest.mark.parametrize("interval", [(0.0, math.inf), (1.0, 5.0), (0.0, 5.0), (1.0, math.inf)])
def test_an_interval_is_a_curve_and_a_curve_stands_in_its_place(interval):
    values = {"guidance_curve": "", "guidance": 3.0}
    values |= dict(zip(("guidance_low", "guidance_high"), interval, strict=True))
    text = GUIDANCE_CURVE.curve_with(values)
    plain, curved = strength(3.0, interval), strength(9.0, (0.0, 0.0), text)
    for sigma in (0.5, 1.0, 1.1, 5.0, 5.1, 80.0):
        assert plain(sigma) == curved(sigma) == (3.0 if active(sigma, interval) else 1.0)
