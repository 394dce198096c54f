"""The samples over time: which sheet is shown, how it is shown, and what is said of it."""

import os

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from studio.training.run_folder.course import find_sheets
from studio.training.run_folder.sheet_plan import SheetPlan
from studio.ui.train.charts.captions import column_names
from studio.ui.train.charts.digest import digest
from studio.ui.train.charts.sample_scrub import SampleScrub
from studio.ui.train.charts.sheet_slider import TimeStrip, nearest
from tests.ui.train.charts.conftest import make_course, make_facts


def draw(folder, kimg, level):
    """Write a sheet of four pictures of one colour each: level, level + 1, …"""
    plan = SheetPlan(4, 8, 8)
    sheet = Image.new("RGB", plan.size)
    for number in range(4):
        sheet.paste(Image.new("RGB", (8, 8), (level + number,) * 3), plan.place(number))
    path = folder / "samples" / f"{kimg:06d}.000.png"
    sheet.save(path)
    return path


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "samples").mkdir()
    for kimg, level in ((2, 20), (5, 50), (8, 80)):
        draw(tmp_path, kimg, level)
    return tmp_path


@pytest.fixture
def scrub(qtbot, folder):
    scrub = SampleScrub()
    qtbot.addWidget(scrub)
    scrub.resize(700, 500)
    scrub.show()
    scrub.show_run(folder)
    show(scrub, folder)
    settle(qtbot, scrub)
    yield scrub
    scrub.stop()


def show(scrub, folder, **facts):
    course = make_course(sheets=find_sheets(folder))
    scrub.show_digest(digest(course, make_facts(**facts)))


def settle(qtbot, scrub):
    """Wait until the picture of the chosen sheet is there."""
    qtbot.waitUntil(
        lambda: scrub._developed is not None and scrub._developed.sheet == scrub.choice.shown
    )


def colour(scrub):
    """Return the level of the first picture on the sheet that is shown."""
    return scrub.view.image.pixelColor(4, 4).red()


def key(scrub, which, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(scrub.view, which, modifiers)


def place_of(scrub, number):
    return scrub.view._cell(number).center().toPoint()


def test_the_newest_sheet_is_shown_with_its_time_and_how_it_was_drawn(scrub):
    assert colour(scrub) == 80
    assert scrub.time.middle.text() == "8 kimg shown · newest"
    assert scrub.time.first.text() == "0 kimg"
    assert scrub.time.last.text() == "10 kimg"
    assert scrub.head.caption.text() == "fixed seeds 0–3 · EMA 0.4 kimg"


def test_a_new_sheet_is_followed_and_one_that_was_chosen_kept(qtbot, scrub, folder):
    draw(folder, 9, 90)
    show(scrub, folder)
    settle(qtbot, scrub)
    assert colour(scrub) == 90
    key(scrub, Qt.Key.Key_Left)
    settle(qtbot, scrub)
    draw(folder, 10, 100)
    show(scrub, folder)
    assert colour(scrub) == 80
    assert scrub.time.middle.text() == "8 kimg shown"


def test_a_sheet_that_is_drawn_anew_is_read_anew(qtbot, scrub, folder):
    path = draw(folder, 8, 180)
    os.utime(path, ns=(0, 12345))
    show(scrub, folder)
    qtbot.waitUntil(lambda: colour(scrub) == 180)


def test_slider_and_keys_go_through_time(qtbot, scrub):
    scrub.time.slider.setValue(0)
    settle(qtbot, scrub)
    assert colour(scrub) == 20
    key(scrub, Qt.Key.Key_Right)
    settle(qtbot, scrub)
    assert colour(scrub) == 50
    assert scrub.time.slider.value() == 1
    key(scrub, Qt.Key.Key_End)
    settle(qtbot, scrub)
    assert colour(scrub) == 80
    QTest.keyClick(scrub.time.slider, Qt.Key.Key_Left)
    settle(qtbot, scrub)
    assert colour(scrub) == 50
    key(scrub, Qt.Key.Key_Home)
    settle(qtbot, scrub)
    assert colour(scrub) == 20


def test_a_time_chooses_the_nearest_sheet(scrub):
    places = []
    scrub.shown.connect(places.append)
    scrub.go_near(4.0)
    assert places == [5.0]


def test_space_plays_and_the_button_shows_it(scrub):
    key(scrub, Qt.Key.Key_Space)
    assert scrub.choice.player.playing
    assert scrub.time.play.accessibleName() == "pause the samples over training"
    QTest.keyClick(scrub.time.slider, Qt.Key.Key_Space)
    assert not scrub.choice.player.playing
    assert scrub.time.play.accessibleName() == "play the samples over training"


def test_a_is_compared_while_the_key_is_held(qtbot, scrub):
    QTest.keyPress(scrub.view, Qt.Key.Key_A)
    settle(qtbot, scrub)
    assert colour(scrub) == 20
    assert scrub.time.middle.text() == "2 kimg shown · A"
    assert scrub.time.slider.value() == 2
    QTest.keyRelease(scrub.view, Qt.Key.Key_A)
    settle(qtbot, scrub)
    assert colour(scrub) == 80


def test_another_time_is_marked(qtbot, scrub):
    key(scrub, Qt.Key.Key_Left)
    assert scrub.head.mark.isVisible()
    key(scrub, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert scrub.head.hold.text() == "A 5 kimg"
    assert not scrub.head.mark.isVisible()
    assert scrub.time.slider.marked == 1
    key(scrub, Qt.Key.Key_End)
    QTest.mousePress(scrub.head.hold, Qt.MouseButton.LeftButton)
    settle(qtbot, scrub)
    assert colour(scrub) == 50
    QTest.mouseRelease(scrub.head.hold, Qt.MouseButton.LeftButton)
    settle(qtbot, scrub)
    assert colour(scrub) == 80


def test_the_comparison_ends_where_the_focus_goes(scrub):
    scrub.view.setFocus()
    QTest.keyPress(scrub.view, Qt.Key.Key_A)
    assert scrub.choice.held
    scrub.time.slider.setFocus()
    scrub.view.clearFocus()
    assert not scrub.choice.held


def test_pixels_are_squares_of_whole_screen_pixels(scrub):
    zoom = scrub.view.frame.width() / scrub.view.image.width()
    assert zoom == int(zoom) >= 2
    assert scrub.view.frame.topLeft() == QPointF(scrub.view.frame.topLeft().toPoint())
    shot = scrub.view.grab().toImage()
    box = scrub.view._cell(3)
    seen = {
        shot.pixelColor(x, y).name()
        for x in (int(box.left()), int(box.right()) - 1)
        for y in (int(box.top()), int(box.bottom()) - 1)
    }
    assert seen == {"#535353"}  # 83: no blending at the edges


def test_a_large_sheet_is_made_smaller(scrub):
    scrub.view.show_image(QImage(3000, 2000, QImage.Format.Format_RGB32), None, "large")
    assert scrub.view.frame.width() <= scrub.view.width()
    assert scrub.view.frame.height() <= scrub.view.height()


def test_room_for_nearly_another_pixel_is_used(scrub):
    room = min(scrub.view.width(), scrub.view.height()) - 16
    side = int(room / 1.9)
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor("#535353"))
    scrub.view.show_image(image, None, "large")
    assert scrub.view.frame.width() == pytest.approx(room)
    assert scrub.view.grab().toImage().pixelColor(scrub.view.rect().center()).name() == "#535353"
    scrub.view.show_image(image.scaled(int(room / 2.2), int(room / 2.2)), None, "smaller")
    assert scrub.view.frame.width() == 2 * int(room / 2.2)


def test_the_mouse_names_the_picture(scrub, folder):
    show(scrub, folder, classes=("cat", "dog", "fox"))
    QTest.mouseMove(scrub.view, place_of(scrub, 1))
    assert scrub.head.caption.text() == "seed 1 · dog"
    QTest.mouseMove(scrub.view, QPoint(1, 1))
    assert scrub.head.caption.text().startswith("fixed seeds")


def test_a_click_brings_a_picture_close_and_back(qtbot, scrub):
    QTest.mouseClick(scrub.view, Qt.MouseButton.LeftButton, pos=place_of(scrub, 2))
    assert scrub.view.close_up == 2
    assert scrub.view.picture().size().toTuple() == (8, 8)
    assert scrub.view.picture().pixelColor(0, 0).red() == 82
    key(scrub, Qt.Key.Key_Home)
    settle(qtbot, scrub)
    assert scrub.view.picture().pixelColor(0, 0).red() == 22
    assert scrub.view.spoken().words == "seed 2, samples after 2 kimg"
    QTest.mouseClick(scrub.view, Qt.MouseButton.LeftButton, pos=scrub.view.rect().center())
    assert scrub.view.close_up is None


def test_the_keys_go_from_picture_to_picture(scrub):
    key(scrub, Qt.Key.Key_Down)
    assert scrub.view.close_up == 0
    key(scrub, Qt.Key.Key_Up)
    assert scrub.view.close_up == 3
    key(scrub, Qt.Key.Key_Down)
    assert scrub.view.close_up == 0
    key(scrub, Qt.Key.Key_Escape)
    assert scrub.view.close_up is None


def test_what_is_shown_is_copied(scrub):
    key(scrub, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().image().size() == scrub.view.image.size()
    scrub.view.look_at(1)
    scrub.head.copy.click()
    assert QGuiApplication.clipboard().image().pixelColor(0, 0).red() == 81


def test_what_is_shown_is_saved(scrub, folder, monkeypatch):
    asked = []

    def answer(_parent, _title, name, _filter):
        asked.append(name)
        return str(folder / "out"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    scrub.view.look_at(3)
    scrub.head.save.click()
    assert asked == [f"{folder.name}-000008.000-seed-3.png"]
    assert np.asarray(Image.open(folder / "out.png").convert("L")).max() == 83


def test_a_picture_that_cannot_be_saved_is_a_fault(qtbot, scrub, folder, monkeypatch):
    nowhere = str(folder / "none" / "out.png")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (nowhere, ""))
    with qtbot.waitSignal(scrub.failed) as failed:
        scrub.head.save.click()
    assert "none" in str(failed.args[0])


def test_a_broken_sheet_says_so_and_the_next_one_is_shown(qtbot, scrub, folder):
    (folder / "samples" / "000009.000.png").write_bytes(b"\x89PNG\r\n")
    show(scrub, folder)
    settle(qtbot, scrub)
    assert "000009.000.png” cannot be read" in scrub.view.spoken().words
    assert not scrub.head.copy.isEnabled()
    key(scrub, Qt.Key.Key_Left)
    settle(qtbot, scrub)
    assert colour(scrub) == 80
    assert scrub.head.copy.isEnabled()


def test_a_sheet_that_was_deleted_says_so(qtbot, scrub, folder):
    (folder / "samples" / "000002.000.png").unlink()
    scrub.choice.go(0)
    settle(qtbot, scrub)
    assert "no longer" in scrub.view.spoken().words


def test_without_samples_it_says_when_they_come(scrub):
    scrub.show_digest(digest(make_course(), make_facts()))
    assert scrub.view.spoken().words == "Samples appear after the first checkpoint"
    assert not scrub.time.slider.isEnabled()
    assert not scrub.head.save.isEnabled()
    scrub.show_digest(digest(make_course(), make_facts(samples=0)))
    assert "samples = 0" in scrub.view.spoken().words


def test_points_in_the_plane_are_one_picture(scrub, folder):
    show(scrub, folder, planar=True)
    assert scrub.view.plan is None
    assert scrub.head.caption.text().startswith("points of fixed seeds")


def test_columns_are_named_where_each_has_one_class():
    three = make_facts(classes=("a", "b", "c"))
    assert column_names(three, 6) == ("a", "b", "c", "a", "b", "c")
    assert column_names(three, 4) == ()
    assert column_names(make_facts(), 4) == ()
    assert column_names(None, 4) == ()


def test_the_names_of_columns_take_their_room(scrub, folder):
    before = scrub.view.frame
    show(scrub, folder, classes=("cat", "dog"))
    assert scrub.view.names == ("cat", "dog")
    assert scrub.view.frame.bottom() + 16 <= scrub.view.height()
    assert scrub.view.frame.center().y() < before.center().y()
    scrub.view.grab()


def test_sheets_stand_at_their_time_on_the_slider():
    strip = TimeStrip((2.0, 5.0, 8.0), 10.0, 214.0)
    assert [strip.x_of(index) for index in range(3)] == [47.0, 107.0, 167.0]
    assert [strip.step_at(x) for x in (-9, 47, 76, 78, 999)] == [0, 0, 0, 1, 2]
    assert nearest((), 3.0) == 0


def test_a_screen_reader_hears_the_time(scrub):
    assert scrub.time.slider.spoken().words == "8 kimg, sheet 3 of 3"
