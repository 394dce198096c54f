"""Drawing a distribution by hand, from the first stroke to the open model."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialog, QPushButton

from studio.models import bundled_toys
from studio.models.toy.file import read_toy
from studio.session.sketch import points_file
from studio.ui.plane.draw_dialog import DrawDialog

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton

PATIENCE = 60_000  # milliseconds: loading torch takes long on a busy machine


@pytest.fixture
def dialog(qtbot):
    dialog = DrawDialog(points_file(str(bundled_toys()[0])))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def at(dialog, x, y):
    return dialog.board.pixel_of(x, y).toPoint()


def stroke(qtbot, dialog, *places, button=LEFT):
    board = dialog.board
    qtbot.mousePress(board, button, pos=at(dialog, *places[0]))
    for place in places[1:]:
        qtbot.mouseMove(board, at(dialog, *place))
    qtbot.mouseRelease(board, button, pos=at(dialog, *places[-1]))


def press(qtbot, dialog, name):
    button = dialog.findChild(QPushButton, name)
    assert button.isEnabled() and button.toolTip()
    qtbot.mouseClick(button, LEFT)


def test_painting_sprays_where_the_mouse_goes(qtbot, dialog):
    stroke(qtbot, dialog, (-0.5, 0.5), (0.0, 0.5), (0.5, 0.5))
    points = dialog.sketch.points
    assert len(points) >= 18 and np.median(points[:, 1]) == pytest.approx(0.5, abs=0.06)
    assert dialog.count.text() == f"{len(points)} points"


def test_the_right_button_erases(qtbot, dialog):
    stroke(qtbot, dialog, (0.0, 0.0))
    dialog.brush.changed.emit("brush", 0.3)
    dialog.brush.field.set_number(0.3)
    stroke(qtbot, dialog, (0.0, 0.0), button=RIGHT)
    assert not len(dialog.sketch)


def test_a_stroke_is_taken_back_and_made_again(qtbot, dialog):
    stroke(qtbot, dialog, (0.0, 0.0), (0.2, 0.0))
    count = len(dialog.sketch)
    press(qtbot, dialog, "draw_undo")
    assert not len(dialog.sketch) and not dialog.save.isEnabled()
    press(qtbot, dialog, "draw_redo")
    assert len(dialog.sketch) == count and dialog.save.isEnabled()


def test_classes_are_painted_by_colour_and_saved(qtbot, dialog):
    stroke(qtbot, dialog, (-0.5, 0.0))
    qtbot.mouseClick(dialog.classes[1], LEFT)
    stroke(qtbot, dialog, (0.5, 0.0))
    dialog.name.setText("  Pair ")
    with qtbot.waitSignal(dialog.drawn, timeout=PATIENCE) as drawn:
        press(qtbot, dialog, "draw_save")
    toy = drawn.args[0]
    assert (toy.name, toy.classes, toy.width) == ("Pair", ("first", "second"), 0.02)
    right = [label for label, (x, _) in zip(toy.labels, toy.points, strict=True) if x > 0]
    assert set(right) == {1}


def test_the_keyboard_paints_too(qtbot, dialog):
    dialog.board.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Space, Qt.Key.Key_Up, Qt.Key.Key_Space):
        qtbot.keyClick(dialog.board, key)
    assert len(dialog.sketch) == 12
    qtbot.keyClick(dialog.board, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(dialog.sketch) == 6


def test_nothing_is_lost_without_asking(qtbot, dialog):
    stroke(qtbot, dialog, (0.0, 0.0))
    dialog.reject()
    assert dialog.isVisible() and "Discard 6 points?" in dialog.question.text()
    dialog.reject()  # Esc again goes back
    assert dialog.isVisible() and dialog.foot.currentIndex() == 0
    dialog.close()
    assert dialog.isVisible() and dialog.foot.currentIndex() == 1
    press(qtbot, dialog, "draw_keep")
    assert len(dialog.sketch) == 6 and dialog.foot.currentIndex() == 0
    dialog.reject()
    press(qtbot, dialog, "draw_discard")
    assert not dialog.isVisible()


def test_an_empty_drawing_closes_at_once(dialog):
    dialog.reject()
    assert not dialog.isVisible()


def test_it_begins_with_the_open_model_if_asked(qtbot, dialog):
    press(qtbot, dialog, "draw_load")
    assert len(dialog.sketch) > 100 and set(dialog.sketch.labels.tolist()) == {0, 1}


def test_the_wheel_widens_the_brush(dialog):
    dialog.board.width_wanted.emit(0.2)
    assert dialog.brush.field.value() == pytest.approx(0.2)
    assert dialog.board.width_of_brush == pytest.approx(0.2)
    dialog.board.width_wanted.emit(9.0)
    assert dialog.board.width_of_brush == 0.4


def test_a_full_drawing_says_so(qtbot, dialog):
    dialog.sketch.begin()
    dialog.sketch.spray(0, 0, 0.1, 6000, 0)
    dialog.sketch.end()
    dialog.board.changed.emit()
    assert dialog.count.text() == "5,000 points · 5,000 are the most"


def test_it_is_saved_and_opened_in_the_window(qtbot, window, home):
    window.tab.card.draw_requested.emit()
    dialog = window.findChild(QDialog, "draw_dialog")
    stroke(qtbot, dialog, (0.0, 0.0), (0.1, 0.1))
    dialog.name.setText("Mine")
    count = len(dialog.sketch)
    with qtbot.waitSignal(window.studio.models.opening, timeout=PATIENCE) as opening:
        press(qtbot, dialog, "draw_save")
    assert opening.args[0] == str(home / "models" / "mine.toy.json")
    assert len(read_toy(home / "models" / "mine.toy.json").points) == count
    open_ones = [each for each in window.findChildren(QDialog, "draw_dialog") if each.isVisible()]
    assert not open_ones


def test_a_drawing_that_cannot_be_saved_stays(qtbot, window, home):
    home.mkdir(exist_ok=True)
    (home / "models").write_text("a file is in the way")
    window.tab.card.draw_requested.emit()
    dialog = window.findChild(QDialog, "draw_dialog")
    stroke(qtbot, dialog, (0.0, 0.0))
    press(qtbot, dialog, "draw_save")
    qtbot.waitUntil(lambda: bool(dialog.problem.text()), timeout=PATIENCE)
    assert dialog.isVisible() and len(dialog.sketch)
    dialog.reject()
    assert "Discard" in dialog.question.text()
    dialog._discard()


def test_the_brush_shows_where_it_would_paint(qtbot, dialog):
    plain = dialog.board.grab().toImage()
    qtbot.mouseMove(dialog.board, at(dialog, 0.0, 0.0) + QPoint(30, 30))
    assert dialog.board.grab().toImage() != plain


def test_it_stays_until_it_is_written(qtbot, dialog):
    stroke(qtbot, dialog, (0.0, 0.0))
    written = []
    dialog.drawn.connect(written.append)
    dialog.save.click()
    dialog.save.click()
    dialog.reject()
    dialog.close()
    assert dialog.isVisible() and len(written) == 1
    dialog.show_problem("The disk is full.")
    dialog.save.click()
    assert len(written) == 2
    dialog.accept()
    assert not dialog.isVisible()
