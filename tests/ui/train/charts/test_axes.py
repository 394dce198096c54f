"""The axes of the charts and the line of figures above them."""

from math import log10

import numpy as np
import pytest

from studio.ui.train.charts.captions import time_text
from studio.ui.train.charts.heights import Heights, marks, span
from studio.ui.train.charts.readout import Readout
from studio.ui.train.charts.time_axis import time_ticks

NONE = np.empty(0)


def texts(low, high, most):
    return [text for _, text in marks(Heights(log10(low), log10(high), log=True), most)]


def test_losses_are_marked_by_halvings():
    assert texts(0.12, 1.0, 6) == ["0.12", "0.25", "0.5", "1"]
    assert texts(0.03, 0.3, 6) == ["0.031", "0.062", "0.12", "0.25"]


def test_a_wide_range_is_marked_by_tens_and_a_narrow_one_by_round_numbers():
    assert texts(1e-4, 1.0, 6)[-1] == "1"
    assert set(texts(1e-4, 1.0, 6)) <= {"1e-4", "0.001", "0.01", "0.1", "1"}
    assert texts(0.30, 0.34, 6) == ["0.3", "0.31", "0.32", "0.33", "0.34"]


def test_every_mark_stands_at_what_it_says():
    for low, high in ((0.12, 1.0), (0.3, 0.34), (1e-4, 1.0)):
        for at, text in marks(Heights(log10(low), log10(high), log=True), 6):
            assert 10**at == pytest.approx(float(text), rel=0.05)


def test_the_axis_holds_every_other_curve_but_not_outliers():
    raw = np.concatenate([np.zeros(200), [50.0]])
    heights = span(raw, [np.array([-1.0, np.nan, 2.0])], log=True)
    assert (heights.low, heights.high) == (-1.0, 2.0)
    assert heights.floor < -1.0
    assert heights.ceiling > 2.0


def test_an_axis_is_never_flat():
    for log in (True, False):
        heights = span(np.zeros(5), [NONE], log=log)
        assert heights.high > heights.low
    assert span(np.array([np.nan]), [], log=True) == Heights(0.0, 1.0, True)


def test_time_has_round_marks_and_says_its_unit_once():
    assert [text for _, text in time_ticks(214, 5)] == ["0", "50 kimg", "100", "150", "200"]
    assert time_ticks(40_000, 4)[1] == (10_000, "10 Mimg")
    assert time_ticks(0.0, 5) == []


@pytest.mark.parametrize(
    ("kimg", "text"),
    [(0.256, "0.256 kimg"), (20.032, "20 kimg"), (176.0, "176 kimg"), (208.896, "208.9 kimg"),
     (9999.0, "9,999 kimg"), (12_034.0, "12.03 Mimg")],
)  # fmt: skip
def test_times_in_words(kimg, text):
    assert time_text(kimg) == text


def test_the_readout_leaves_out_what_has_no_room(qtbot):
    readout = Readout()
    qtbot.addWidget(readout)
    readout.show()
    readout.resize(400, 18)
    readout.say(['<span style="color:#fff">0.25</span>', "3 kimg", "lr 2e-4"])
    assert readout.text().endswith("3 kimg · lr 2e-4")
    readout.resize(80, 18)
    assert readout.text() == '<span style="color:#fff">0.25</span>'
    assert readout.plain == "0.25 · 3 kimg · lr 2e-4"
    readout.resize(2, 18)
    assert readout.text() == ""
