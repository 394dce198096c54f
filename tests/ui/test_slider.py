"""The slider follows pointer, keys and wheel, and speaks in exact values."""

import math

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from studio.ui.scale import Scale
from studio.ui.slider import Slider
from studio.ui.theme import DARK

LINEAR = Scale(low=0, high=200, left=0, right=100)
BAND = Scale(low=0, high=math.inf, left=0, right=100, log=True)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def make(qtbot):
    def build(scale, *values, handles=1):
        slider = Slider(scale, handles=handles)
        slider.resize(218, 24)
        slider.set_values(*values)
        qtbot.addWidget(slider)
        slider.show()
        slider.moves = []
        slider.ends = []
        slider.moved.connect(lambda handle, value: slider.moves.append((handle, value)))
        slider.released.connect(lambda: slider.ends.append(True))
        return slider

    return build


def at(slider, x):
    return QPoint(round(x), slider.height() // 2)


def test_setting_values_is_silent_and_exact(make):
    slider = make(LINEAR, 0.123456789)
    slider.set_values(41.000001)
    assert slider.values == [41.000001]
    assert slider.moves == []


@pytest.mark.parametrize("x", [9, 40, 109, 173, 209])
def test_a_click_brings_the_handle_within_a_pixel(make, x):
    slider = make(LINEAR, 33.0)
    QTest.mouseClick(slider, LEFT, pos=at(slider, x))
    assert abs(slider.place() - x) <= 1
    assert slider.moves[-1] == (0, slider.values[0])
    assert slider.ends == [True]


def test_taking_hold_of_the_handle_does_not_move_it(make):
    slider = make(LINEAR, 33.3)
    QTest.mouseClick(slider, LEFT, pos=at(slider, slider.place() + 4))
    assert slider.values == [33.3]
    assert slider.moves == []


def test_dragging_keeps_hold_where_it_was_taken(make):
    slider = make(LINEAR, 50.0)
    start = slider.place()
    QTest.mousePress(slider, LEFT, pos=at(slider, start + 3))
    QTest.mouseMove(slider, at(slider, start + 3 + 20))
    assert slider.values == [60.0]
    assert slider.ends == []
    QTest.mouseMove(slider, at(slider, 5000))
    assert slider.values == [100.0]
    QTest.mouseRelease(slider, LEFT, pos=at(slider, 5000))
    assert slider.ends == [True]


def test_double_click_asks_for_the_default(make, qtbot):
    slider = make(LINEAR, 50.0)
    with qtbot.waitSignal(slider.reset_requested):
        QTest.mouseDClick(slider, LEFT, pos=at(slider, slider.place()))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (Qt.Key.Key_Right, 21.0),
        (Qt.Key.Key_Left, 19.0),
        (Qt.Key.Key_PageUp, 30.0),
        (Qt.Key.Key_PageDown, 10.0),
        (Qt.Key.Key_Home, 0.0),
        (Qt.Key.Key_End, 100.0),
    ],
)
def test_keys(make, key, value):
    slider = make(LINEAR, 20.0)
    QTest.keyClick(slider, key)
    assert slider.moves == [(0, value)]


def test_other_keys_are_left_to_the_window(make):
    slider = make(LINEAR, 20.0)
    QTest.keyClick(slider, Qt.Key.Key_G)
    assert slider.moves == slider.ends == []


def test_log_slider_reaches_zero_and_infinity(make):
    slider = make(BAND, 1.0)
    QTest.keyClick(slider, Qt.Key.Key_Home)
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert slider.moves == [(0, 0.0), (0, math.inf)]


def test_the_nearest_of_two_handles_moves_and_never_passes_the_other(make):
    slider = make(BAND, 0.05, 50.0, handles=2)
    QTest.mousePress(slider, LEFT, pos=at(slider, slider.place(0) + 1))
    QTest.mouseMove(slider, at(slider, 212))
    QTest.mouseMove(slider, at(slider, 215))
    QTest.mouseRelease(slider, LEFT, pos=at(slider, 215))
    assert slider.values == [50.0, 50.0]
    assert {handle for handle, _ in slider.moves} == {0}


def test_two_handles_in_one_place_can_be_parted(make):
    for together, x in ((0.0, 150), (math.inf, 60), (1.0, 200), (1.0, 20)):
        slider = make(BAND, together, together, handles=2)
        place = slider.place()
        QTest.mousePress(slider, LEFT, pos=at(slider, place))
        QTest.mouseMove(slider, at(slider, x))
        QTest.mouseRelease(slider, LEFT, pos=at(slider, x))
        assert slider.values[0] < slider.values[1], (together, x)


def test_space_changes_handles(make):
    slider = make(BAND, 0.05, 50.0, handles=2)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    QTest.keyClick(slider, Qt.Key.Key_Space)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert slider.moves == [(0, 0.051), (1, 51.0)]


def test_assistive_technology_reads_and_moves_it(make):
    slider = make(LINEAR, 25.0)
    slider.setAccessibleName("S_churn slider")
    face = QAccessible.queryAccessibleInterface(slider)
    assert face.role() == QAccessible.Role.Slider
    assert face.text(QAccessible.Text.Name) == "S_churn slider"
    assert slider.value() == 250
    slider.setValue(500)
    assert slider.moves == [(0, 50.0)]


def test_disabled_it_is_grey(make):
    slider = make(LINEAR, 50.0)
    slider.setEnabled(False)
    color = slider.grab().toImage().pixelColor(20, 12).name()
    assert color == DARK.disabled
