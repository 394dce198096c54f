"""Lists of noise levels as people shape them."""

import math
from itertools import pairwise

import pytest

from studio.diffusion import schedule
from studio.diffusion.levels import levels_text, moved, parse_levels, with_level, without_level

LISTED = (80.0, 10.0, 1.0, 0.1)


def test_a_list_comes_back_from_its_text_exactly():
    sigmas = schedule("karras", 40)
    assert (*parse_levels(levels_text(sigmas)), 0.0) == sigmas


@pytest.mark.parametrize("sigma", [1e-12, 0.05, 0.5, 3.0, 10.0, 60.0, 1e9])
@pytest.mark.parametrize("index", range(4))
def test_a_moved_level_stays_between_its_neighbours(index, sigma):
    levels = moved(LISTED, index, sigma)
    assert all(a > b > 0 for a, b in pairwise(levels))
    assert levels[:index] + levels[index + 1 :] == LISTED[:index] + LISTED[index + 1 :]
    low = LISTED[index + 1] * 1.01 if index < 3 else 0.0
    high = LISTED[index - 1] / 1.01 if index else math.inf
    if low < sigma < high and sigma > 1e-9:
        assert levels[index] == sigma


def test_levels_are_added_halfway_and_taken_away():
    assert with_level(LISTED, 1) == pytest.approx((80, 10, 10**0.5, 1, 0.1))
    assert with_level(LISTED, 3) == (*LISTED, 0.05)
    assert without_level(LISTED, 1) == (80.0, 1.0, 0.1)
    assert without_level((80.0, 0.1), 0) == (80.0, 0.1)


@pytest.mark.parametrize(
    "text",
    [
        "80 2.5 0.1",
        "80, 2.5, 0.1",
        "80,2.5,0.1",
        "80 2,5 0,1",
        "80; 2,5; 0,1",
        "80, 2,5, 0,1",
        " 80\n2,5\t0,1, ",
        "80; 2.5; 0.1; 0",
    ],
)
def test_lists_are_read_in_english_and_german(text):
    assert parse_levels(text) == (80.0, 2.5, 0.1)


@pytest.mark.parametrize("text", ["0,5", "80", "80 2,5,1 0,1", "80 x", "", "1 2"])
def test_what_is_no_falling_list_is_refused(text):
    with pytest.raises(ValueError, match="levels"):
        parse_levels(text)
