"""Rows show and edit knobs without echo and without rounding."""

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox, QWidget

from studio.diffusion import SAMPLERS, SCHEDULES, Knob
from studio.ui.knob_row import ChoiceRow, NumberRow, SwitchRow, row_for
from studio.ui.knob_stack import KnobStack, paired
from studio.ui.range_row import RangeRow
from studio.ui.row import RowLabel

CHURN = Knob("s_churn", "S_churn", 0.0, low=0.0, high=100.0, soft=(0, 100), help="Noise.")
STEPS = Knob("steps", "Steps", 18, low=1, high=10_000, soft=(1, 64), help="How many.")
TMIN = Knob("s_tmin", "S_tmin", 0.0, low=0.0, soft=(0, 100), log=True, help="From.")
TMAX = Knob("s_tmax", "S_tmax", math.inf, low=0.0, soft=(0, 100), log=True, help="To.")
PATH = Knob("path", "Path", "edm", choices=(("edm", "EDM"), ("vp", "VP")), help="Which.")
FIX = Knob("corrected", "Corrected", False, help="Whether.")
EVERY = {
    (knob.id, spec.id): knob
    for spec in (*SAMPLERS.values(), *SCHEDULES.values())
    for knob in spec.knobs
}


@pytest.fixture
def shown(qtbot):
    def show(row):
        qtbot.addWidget(row)
        row.resize(284, row.sizeHint().height())
        row.show()
        row.seen = []
        row.ends = []
        row.changed.connect(lambda name, value: row.seen.append((name, value)))
        row.committed.connect(row.ends.append)
        return row

    return show


def test_field_and_slider_share_a_value(shown):
    row = shown(NumberRow(CHURN))
    row.field.setValue(20.5)
    assert row.slider.values == [20.5]
    assert row.seen == [("s_churn", 20.5)]
    assert row.ends == ["s_churn"]
    QTest.keyClick(row.slider, Qt.Key.Key_Right)
    assert row.field.value() == 21.0
    assert row.seen[-1] == ("s_churn", 21.0)


def test_dragging_says_every_value_and_commits_once(shown):
    row = shown(NumberRow(CHURN))
    row.slider.moved.emit(0, 5.0)
    row.slider.moved.emit(0, 9.0)
    assert (row.seen, row.ends) == ([("s_churn", 5.0), ("s_churn", 9.0)], [])
    row.slider.released.emit()
    assert row.ends == ["s_churn"]


def test_showing_is_silent_and_exact(shown):
    row = shown(NumberRow(CHURN))
    row.set_value(1 / 3)
    assert row.field.value() == 1 / 3
    assert row.slider.values == [1 / 3]
    assert row.seen == row.ends == []


def test_whole_numbers_stay_whole(shown):
    row = shown(NumberRow(STEPS))
    assert isinstance(row.field, QSpinBox)
    row.slider.moved.emit(0, 30.0)
    assert row.seen == [("steps", 30)]
    assert type(row.seen[0][1]) is int


def test_double_click_on_label_or_slider_resets(shown):
    row = shown(NumberRow(CHURN))
    row.set_value(20.0)
    assert row.modified and row.label.property("modified")
    QTest.mouseDClick(row.label, Qt.MouseButton.LeftButton)
    assert (row.field.value(), row.modified) == (0.0, False)
    row.set_value(20.0)
    row.slider.reset_requested.emit()
    assert row.seen == [("s_churn", 0.0)] * 2


def test_a_wrong_text_survives_showing_the_same_value(shown, qtbot):
    row = shown(NumberRow(CHURN))
    problems = []
    row.problem_changed.connect(lambda name, why: problems.append((name, bool(why))))
    row.field.selectAll()
    qtbot.keyClicks(row.field, "x")
    row.set_value(0.0)
    assert row.field.lineEdit().text() == "x"
    row.set_value(3.0)
    assert row.field.lineEdit().text() == "3"
    assert problems == [("s_churn", True), ("s_churn", False)]


def test_an_automatic_value_is_muted_and_reset_says_none(shown):
    row = shown(row_for(CHURN, automatic=True))
    row.set_automatic(12.5)
    assert row.field.value() == 12.5
    assert row.field.property("automatic") is True
    assert not row.modified
    row.field.setValue(20.0)
    assert row.field.property("automatic") is False
    row.reset()
    assert row.seen == [("s_churn", 20.0), ("s_churn", None)]
    assert row.field.property("automatic") is True


def test_a_field_out_of_the_slider_range_shows_at_its_end(shown):
    row = shown(NumberRow(STEPS))
    row.field.setValue(256)
    assert row.slider.values == [256.0]
    assert row.slider.scale.fraction(256) == 1.0


def test_choices(shown):
    row = shown(row_for(PATH))
    assert isinstance(row, ChoiceRow)
    row.set_value("vp")
    assert row.box.currentText() == "VP" and row.seen == []
    row.box.setCurrentIndex(0)
    assert row.seen == [("path", "edm")] and row.ends == ["path"]


def test_switches(shown):
    row = shown(row_for(FIX))
    assert isinstance(row, SwitchRow)
    row.set_value(True)
    assert row.switch.isChecked() and row.seen == []
    QTest.mouseClick(row.switch, Qt.MouseButton.LeftButton)
    assert row.seen == [("corrected", False)]


def test_a_band_has_two_fields_and_one_slider(shown):
    row = shown(RangeRow(TMIN, TMAX))
    names = [field.objectName() for field in row.findChildren(QDoubleSpinBox)]
    assert names == ["s_tmin", "s_tmax"]
    assert row.label.text() == "S_tmin–tmax"
    row.set_values({"s_tmin": 0.05, "s_tmax": 50.0})
    assert row.slider.values == [0.05, 50.0] and row.seen == []
    row.fields[0].setValue(1 / 3)
    assert row.seen == [("s_tmin", 1 / 3)]
    row.slider.moved.emit(1, 80.0)
    assert row.seen[-1] == ("s_tmax", 80.0)
    assert row.fields[1].value() == 80.0


def test_the_ends_of_a_band_push_each_other(shown):
    row = shown(RangeRow(TMIN, TMAX))
    row.set_values({"s_tmin": 1.0, "s_tmax": 5.0})
    row.fields[0].setValue(7.0)
    assert [field.value() for field in row.fields] == [7.0, 7.0]
    assert row.seen == [("s_tmax", 7.0), ("s_tmin", 7.0)]


def test_a_band_resets_both_ends(shown):
    row = shown(RangeRow(TMIN, TMAX))
    row.set_values({"s_tmin": 1.0, "s_tmax": 5.0})
    row.reset()
    assert [field.value() for field in row.fields] == [0.0, math.inf]
    assert dict(row.seen) == {"s_tmin": 0.0, "s_tmax": math.inf}
    assert not row.modified


def test_pairs_are_found_by_their_endings():
    low, high = Knob("g_low", "G low", 0.0), Knob("g_high", "G high", 1.0)
    assert paired([CHURN, TMAX, PATH, TMIN, high]) == [(CHURN,), (TMIN, TMAX), (PATH,), (high,)]
    assert paired([high, low]) == [(low, high)]


def test_a_stack_keeps_rows_and_frees_names(qtbot):
    stack = KnobStack("knobs.")
    qtbot.addWidget(stack)
    stack.set_knobs([CHURN, TMIN, TMAX])
    first = stack.row_list[0]
    stack.set_knobs([CHURN, PATH])
    assert stack.row_list[0] is first
    assert stack.findChild(QWidget, "s_tmin") is None
    assert stack.findChild(QWidget, "path") is not None
    other = Knob("s_churn", "S_churn", 1.0, low=0.0, high=5.0)
    stack.set_knobs([other])
    assert len(stack.findChildren(QDoubleSpinBox, "s_churn")) == 1
    seen = []
    stack.changed.connect(lambda name, value: seen.append((name, value)))
    stack.findChild(QDoubleSpinBox, "s_churn").setValue(2.0)
    assert seen == [("knobs.s_churn", 2.0)]


@pytest.mark.parametrize("knob", EVERY.values(), ids=lambda knob: knob.id)
def test_every_registered_knob_has_a_row_that_names_and_explains_it(qtbot, knob):
    row = row_for(knob)
    qtbot.addWidget(row)
    control = row.findChild(QWidget, knob.id)
    assert control is not None
    assert control.accessibleName() == knob.label
    assert knob.help and control.toolTip()
    row.set_value(knob.default)
    assert not row.modified


def test_a_long_label_ends_in_dots_and_is_whole_in_the_tip(qtbot):
    label = RowLabel("A very long name of a knob")
    qtbot.addWidget(label)
    label.setFixedWidth(97)
    label.show()
    label.set_tip("<p>Help.</p>")
    assert label.text().endswith("…")
    assert "A very long name of a knob" in label.toolTip() and "Help." in label.toolTip()
