"""The timeline: who moves the cursor, and when it follows the run."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QPushButton, QSlider

from studio.ui.player import interval
from studio.ui.strip import NARROWEST, SIDE, Strip
from studio.ui.theme import DARK
from studio.ui.timeline import Timeline


@pytest.fixture
def timeline(qtbot):
    widget = Timeline()
    qtbot.addWidget(widget)
    widget.resize(900, 140)
    widget.grab()
    widget.set_total(18)
    return widget


@pytest.fixture
def chosen(timeline):
    steps = []
    timeline.step_chosen.connect(steps.append)
    return steps


def test_the_slider_goes_by_its_name(timeline):
    slider = timeline.findChild(QSlider, "timeline")
    assert (slider.minimum(), slider.maximum()) == (0, 17)
    assert timeline.findChild(object, "play").accessibleName() == "play the trajectory"


def test_a_program_moves_the_cursor_silently(timeline, chosen):
    timeline.set_reached(11)
    timeline.set_current(4)
    timeline.set_running(True)
    timeline.set_reached(12)
    assert chosen == []
    assert timeline.current == 11 == timeline.slider.value()


def test_every_kind_of_use_chooses_a_step(timeline, chosen, qtbot):
    timeline.set_reached(11)
    timeline.set_current(10)
    timeline.slider.setValue(5)
    qtbot.keyClick(timeline.slider, Qt.Key.Key_Left)
    qtbot.keyClick(timeline.slider, Qt.Key.Key_Right)
    qtbot.keyClick(timeline.slider, Qt.Key.Key_Home)
    qtbot.keyClick(timeline.slider, Qt.Key.Key_End)
    point = timeline.filmstrip.step_rect(3).center().toPoint()
    qtbot.mouseClick(timeline.filmstrip, Qt.MouseButton.LeftButton, pos=point)
    x = round(7.5 / 18 * timeline.slider.width())
    qtbot.mouseClick(timeline.slider, Qt.MouseButton.LeftButton, pos=QPoint(x, 12))
    assert chosen == [5, 4, 5, 0, 10, 3, 7]


def test_choosing_the_step_that_is_shown_says_nothing(timeline, chosen):
    timeline.set_reached(11)
    timeline.set_current(4)
    timeline.choose(4)
    assert chosen == []


def test_steps_that_are_not_reached_cannot_be_chosen(timeline, chosen, qtbot):
    timeline.slider.setValue(9)
    assert timeline.slider.value() == 0
    timeline.set_reached(11)
    timeline.slider.setValue(16)
    assert chosen == [10]
    assert timeline.slider.value() == 10
    point = timeline.filmstrip.step_rect(15).center().toPoint()
    qtbot.mouseClick(timeline.filmstrip, Qt.MouseButton.LeftButton, pos=point)
    assert chosen == [10]


def test_up_and_down_are_left_to_the_takes(timeline, chosen, qtbot):
    timeline.set_reached(11)
    timeline.set_current(4)
    qtbot.keyClick(timeline.slider, Qt.Key.Key_Up)
    qtbot.keyClick(timeline.slider, Qt.Key.Key_Down)
    assert chosen == []


def test_dragging_over_the_filmstrip_scrubs(timeline, chosen, qtbot):
    timeline.set_reached(18)
    strip = timeline.filmstrip
    places = [strip.step_rect(step).center().toPoint() for step in (2, 5, 9)]
    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(strip, place)
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=places[-1])
    assert chosen == [2, 5, 9]


# Following the run


def test_the_cursor_follows_the_run_until_someone_looks_back(timeline):
    live = timeline.header.live
    timeline.set_running(True)
    for count in (1, 2, 3):
        timeline.set_reached(count)
        assert timeline.current == count - 1
    assert live.isHidden()
    timeline.choose(0)
    timeline.set_reached(4)
    assert timeline.current == 0
    assert not timeline.following
    assert not live.isHidden()


def test_the_live_button_returns_to_the_newest_step(timeline, chosen):
    timeline.set_running(True)
    timeline.set_reached(5)
    timeline.choose(1)
    timeline.header.live.click()
    assert chosen == [1, 4]
    assert timeline.following
    assert timeline.header.live.isHidden()
    timeline.set_reached(6)
    assert timeline.current == 5


def test_scrubbing_back_to_the_newest_step_follows_again(timeline):
    told = []
    timeline.following_changed.connect(told.append)
    timeline.set_running(True)
    timeline.set_reached(5)
    timeline.choose(2)
    timeline.choose(4)
    assert told == [False, True]


def test_the_next_run_is_followed_again_and_the_end_hides_the_button(timeline):
    timeline.set_running(True)
    timeline.set_reached(5)
    timeline.choose(1)
    timeline.set_running(False)
    assert timeline.header.live.isHidden()
    timeline.set_total(18)
    timeline.set_running(True)
    timeline.set_reached(1)
    timeline.set_reached(2)
    assert timeline.current == 1


def test_a_finished_run_does_not_pull_the_cursor(timeline):
    timeline.set_reached(18)
    timeline.set_current(3)
    timeline.set_reached(18)
    assert timeline.current == 3


def test_a_run_that_gets_longer_than_announced_makes_room(timeline, chosen):
    timeline.set_total(1)
    timeline.set_running(True)
    for step in range(25):
        timeline.set_thumbnail(step, color(0, 9 * step, 0))
        timeline.set_reached(step + 1)
        assert timeline.current == step
    assert timeline.slider.maximum() == 24
    assert chosen == []
    point = timeline.filmstrip.step_rect(24).center().toPoint()
    assert timeline.filmstrip.grab().toImage().pixelColor(point) == QColor(0, 216, 0)


# Playing


def test_space_plays_to_the_end_and_stops_there(timeline, chosen, qtbot):
    timeline.set_total(4)
    timeline.set_reached(4)
    timeline.set_current(1)
    qtbot.keyClick(timeline.slider, Qt.Key.Key_Space)
    assert timeline.player.playing
    assert timeline.header.play.accessibleName() == "pause the trajectory"
    for _ in range(3):
        timeline.player.due.emit()
    assert chosen == [2, 3]
    assert not timeline.player.playing


def test_playing_from_the_end_begins_again(timeline, chosen):
    timeline.set_total(4)
    timeline.set_reached(4)
    timeline.set_current(3)
    timeline.toggle_play()
    timeline.player.due.emit()
    timeline.toggle_play()
    assert chosen == [0, 1]
    assert not timeline.player.playing


def test_the_clock_plays(timeline, qtbot):
    timeline.set_reached(18)
    with qtbot.waitSignal(timeline.step_chosen, timeout=2000):
        timeline.toggle_play()
    timeline.toggle_play()


def test_scrubbing_stops_playing(timeline):
    timeline.set_reached(18)
    timeline.toggle_play()
    timeline.choose(9)
    assert not timeline.player.playing


def test_nothing_plays_before_there_are_steps(timeline):
    assert not timeline.header.play.isEnabled()
    timeline.toggle_play()
    assert not timeline.player.playing


def test_short_runs_play_at_twelve_steps_a_second_and_long_ones_faster():
    assert interval(18) == 83
    assert 256 * interval(256) < 10_000
    assert interval(100_000) >= 16


# Looks


def color(red: int, green: int, blue: int) -> np.ndarray:
    return np.full((32, 32, 3), (red, green, blue), np.uint8)


def test_thumbnails_are_painted_where_their_steps_are(timeline):
    timeline.set_reached(18)
    for step in range(18):
        timeline.set_thumbnail(step, color(10 * step, 200, 0))
    image = timeline.filmstrip.grab().toImage()
    for step in (0, 7, 17):
        point = timeline.filmstrip.step_rect(step).center().toPoint()
        assert image.pixelColor(point) == QColor(10 * step, 200, 0)


def test_steps_ahead_are_dim_and_the_current_one_is_framed(timeline):
    strip = timeline.filmstrip
    for step in range(18):
        timeline.set_thumbnail(step, color(0, 200, 0))
    timeline.set_reached(11)
    timeline.set_current(10)
    image = strip.grab().toImage()
    ahead = image.pixelColor(strip.step_rect(12).center().toPoint())
    here = image.pixelColor(strip.step_rect(9).center().toPoint())
    assert ahead.green() < 120 < here.green()
    frame = strip.step_rect(10)
    edge = image.pixelColor(round(frame.left()) - 2, round(frame.center().y()))
    assert edge == QColor(DARK.accent)


def test_a_run_of_the_same_length_keeps_the_thumbnails_and_another_drops_them(timeline):
    strip = timeline.filmstrip
    timeline.set_thumbnail(5, color(0, 255, 0))
    timeline.set_total(18)
    point = strip.step_rect(5).center().toPoint()
    assert strip.grab().toImage().pixelColor(point).green() > 60
    timeline.set_total(12)
    timeline.set_total(18)
    assert strip.grab().toImage().pixelColor(point).green() < 60


def test_many_steps_share_thumbnails_but_the_current_one_is_always_seen(timeline):
    timeline.set_total(256)
    timeline.set_reached(256)
    for step in range(256):
        timeline.set_thumbnail(step, color(step, 0, 0))
    for step in (0, 77, 78, 255):
        timeline.set_current(step)
        point = timeline.filmstrip.step_rect(step).center().toPoint()
        assert timeline.filmstrip.grab().toImage().pixelColor(point) == QColor(step, 0, 0)


def test_the_slider_stands_under_the_thumbnail(timeline):
    timeline.set_reached(11)
    timeline.set_current(6)
    image = timeline.slider.grab().toImage()
    x = round(timeline.filmstrip.step_rect(6).center().x())
    row = timeline.slider.height() // 2
    assert image.pixelColor(x, row) == QColor(DARK.handle)
    assert image.pixelColor(x - 20, row) == QColor(DARK.noise)
    assert image.pixelColor(860, row) == QColor(DARK.track)


def test_large_pictures_are_kept_small(timeline):
    timeline.set_thumbnail(0, np.zeros((512, 256, 3), np.uint8))
    kept = timeline.filmstrip._images[0]
    assert (kept.width(), kept.height()) == (64, 128)


def test_buttons_stand_at_the_right_and_the_title_gives_way(timeline):
    branch = QPushButton("Branch from step 11")
    timeline.add_button(branch)
    timeline.set_title("Trajectory of seed 5 " * 20)
    timeline.grab()
    assert branch.geometry().right() == timeline.header.width() - 1
    assert timeline.minimumSizeHint().width() < 400


# The strip


@given(st.integers(1, 3000), st.floats(100, 3000))
def test_every_step_has_a_thumbnail_and_every_thumbnail_a_step(total, width):
    strip = Strip(total, width)
    seen = [step for cell in range(strip.cells) for step in strip.steps_of(cell)]
    assert seen == list(range(total))
    for step in (0, total // 2, total - 1):
        assert step in strip.steps_of(strip.cell_of(step))
        assert strip.step_at(strip.x_of(step)) == step


@given(st.integers(1, 3000), st.floats(100, 3000))
def test_thumbnails_neither_touch_nor_grow_beyond_their_size(total, width):
    strip = Strip(total, width)
    assert strip.side <= SIDE
    assert strip.side < strip.pitch
    assert strip.cells == total or strip.pitch < 2 * NARROWEST
    assert strip.step_at(-5) == 0
    assert strip.step_at(width + 5) == total - 1
