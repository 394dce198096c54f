"""The canvas: what mouse and keys do to the mask, and what is painted over the picture."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.ui.edit.mask.canvas import MaskCanvas
from studio.ui.edit.mask.model import Mask

SIDE = 32
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def canvas(qtbot):
    widget = MaskCanvas()
    qtbot.addWidget(widget)
    widget.resize(700, 560)
    widget.show()
    rng = np.random.default_rng(0)
    widget.show_picture(rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8))
    widget.show_mask(Mask(SIDE, SIDE))
    widget.said = []
    widget.words_changed.connect(widget.said.append)
    return widget


def at(canvas, x, y):
    """Return the place of the middle of a pixel on the widget."""
    rect = canvas.picture_rect(0)
    zoom = rect.width() / SIDE
    return QPointF(rect.left() + (x + 0.5) * zoom, rect.top() + (y + 0.5) * zoom).toPoint()


def drag(canvas, *places, button=LEFT):
    QTest.mousePress(canvas, button, pos=at(canvas, *places[0]))
    for place in places[1:]:
        QTest.mouseMove(canvas, at(canvas, *place))
    QTest.mouseRelease(canvas, button, pos=at(canvas, *places[-1]))


def pixels(widget):
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def painted(canvas):
    return canvas.painted_mask.values > 0


def test_a_brush_of_one_pixel_paints_the_pixel_under_the_mouse(canvas):
    canvas.hand.size = 1
    QTest.mouseClick(canvas, LEFT, pos=at(canvas, 5, 9))
    assert np.argwhere(painted(canvas)).tolist() == [[9, 5]]


def test_a_drag_paints_an_unbroken_stroke_that_is_undone_in_one_go(canvas, qtbot):
    with qtbot.waitSignals([canvas.mask_changed]):
        drag(canvas, (4, 16), (12, 16), (28, 16))
    assert painted(canvas)[16, 4:29].all()
    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert canvas.painted_mask.empty
    redo = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(canvas, Qt.Key.Key_Z, redo)
    assert painted(canvas)[16, 4:29].all()


def test_the_right_button_and_the_eraser_make_pixels_free(canvas):
    canvas.painted_mask.fill()
    drag(canvas, (4, 4), (10, 4), button=RIGHT)
    QTest.keyClick(canvas, Qt.Key.Key_E)
    drag(canvas, (4, 20), (10, 20))
    assert not painted(canvas)[4, 4:11].any()
    assert not painted(canvas)[20, 4:11].any()
    drag(canvas, (4, 20), (10, 20), button=RIGHT)
    assert painted(canvas)[20, 4:11].all()


def test_a_rectangle_and_a_lasso(canvas):
    QTest.keyClick(canvas, Qt.Key.Key_R)
    drag(canvas, (3, 5), (6, 8), (10, 12))
    assert np.array_equal(np.argwhere(painted(canvas)).min(0), [5, 3])
    assert np.array_equal(np.argwhere(painted(canvas)).max(0), [12, 10])
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    QTest.keyClick(canvas, Qt.Key.Key_L)
    drag(canvas, (10, 10), (20, 10), (20, 20), (10, 20))
    assert painted(canvas)[12:19, 12:19].all()
    assert painted(canvas).sum() in range(81, 122)


def test_shift_goes_on_in_a_straight_line(canvas):
    canvas.hand.size = 1
    QTest.mouseClick(canvas, LEFT, pos=at(canvas, 2, 3))
    QTest.mouseClick(canvas, LEFT, Qt.KeyboardModifier.ShiftModifier, at(canvas, 22, 3))
    assert painted(canvas)[3, 2:23].all()


def test_esc_and_another_button_take_back_what_was_begun(canvas):
    QTest.mousePress(canvas, LEFT, pos=at(canvas, 4, 4))
    assert not canvas.painted_mask.empty
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.painted_mask.empty
    QTest.mouseRelease(canvas, LEFT, pos=at(canvas, 4, 4))
    QTest.mousePress(canvas, LEFT, pos=at(canvas, 4, 4))
    QTest.mousePress(canvas, RIGHT, pos=at(canvas, 4, 4))
    assert canvas.painted_mask.empty
    assert not canvas.painted_mask.can_undo
    QTest.mouseRelease(canvas, RIGHT, pos=at(canvas, 4, 4))
    QTest.mouseRelease(canvas, LEFT, pos=at(canvas, 4, 4))


def test_a_mask_can_be_painted_with_keys_alone(canvas):
    canvas.hand.size = 1
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert np.argwhere(painted(canvas)).tolist() == [[16, x] for x in (15, 16, 17, 18)]
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    QTest.keyClick(canvas, Qt.Key.Key_R)
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    canvas.steer(4, 2)
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert painted(canvas).sum() == 8
    canvas.steer(-1000, 1000)
    assert canvas._at == (0, SIDE)


def test_keys_resize_the_brush_within_the_picture(canvas):
    for _ in range(40):
        QTest.keyClick(canvas, Qt.Key.Key_BracketRight)
    assert canvas.hand.size == SIDE
    for _ in range(40):
        QTest.keyClick(canvas, Qt.Key.Key_BracketLeft)
    assert canvas.hand.size == 1
    assert canvas.said[-1] == "brush 1 px · feather 0 px · [ ] to resize"


def test_keys_that_mean_something_here_do_not_reach_the_window(canvas):
    def kept(key, modifiers=Qt.KeyboardModifier.NoModifier):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers)
        event.ignore()
        QApplication.sendEvent(canvas, event)
        return event.isAccepted()

    control = Qt.KeyboardModifier.ControlModifier
    assert kept(Qt.Key.Key_B)
    assert kept(Qt.Key.Key_Z, control)
    assert not kept(Qt.Key.Key_Escape)  # stops the run: nothing is being painted
    assert not kept(Qt.Key.Key_B, control)
    canvas.show_mask(None)
    assert not kept(Qt.Key.Key_B)
    assert not kept(Qt.Key.Key_Z, control)
    assert kept(Qt.Key.Key_Plus)


def test_what_is_masked_is_reddened_pixel_for_pixel_and_the_rest_is_not(canvas):
    before = pixels(canvas)
    canvas.painted_mask.paint(((8, 8, 16, 16), np.ones((8, 8), bool)))
    after = pixels(canvas)
    rect = canvas.picture_rect(0).toRect()
    zoom = rect.width() // SIDE
    changed = (before != after).any(2)
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    strip = canvas.strip.geometry()
    columns = columns[columns > strip.right()]  # its buttons are enabled
    assert columns[[0, -1]].tolist() == [rect.left() + 8 * zoom, rect.left() + 16 * zoom - 1]
    inside = changed[:, strip.right() + 1 :].any(1)
    rows = np.flatnonzero(inside)
    assert rows[[0, -1]].tolist() == [rect.top() + 8 * zoom, rect.top() + 16 * zoom - 1]
    masked = after[rect.top() + 9 * zoom, rect.left() + 9 * zoom : rect.left() + 15 * zoom]
    assert (masked[:, 0] > masked[:, 1] + 60).all()


def test_a_feather_is_seen_beyond_the_stroke(canvas):
    canvas.painted_mask.set_feather(4)
    canvas.painted_mask.paint(((8, 8, 16, 16), np.ones((8, 8), bool)))
    opacity = canvas._overlay._pixels >> 24
    assert opacity[10, 8] > opacity[10, 17] > opacity[10, 19] > 0
    whole = opacity.copy()
    canvas._renew_overlay()  # a part that is renewed is as the whole would be
    assert np.abs(whole.astype(int) - (canvas._overlay._pixels >> 24)).max() <= 1


def test_before_and_after_meet_at_the_line(canvas, qtbot):
    canvas.show_mask(None)
    dark, light = (np.full((SIDE, SIDE, 3), level, np.uint8) for level in (40, 200))
    canvas.show_pair(dark, light, ("measurement", "seed 1"))
    canvas.divide(0.25)
    seen, rect = pixels(canvas), canvas.picture_rect(0)
    row = seen[rect.center().toPoint().y(), :, 0]
    line = round(rect.left() + 0.25 * rect.width())
    assert (row[int(rect.left()) + 1 : line - 2] == 40).all()
    assert (row[line + 3 : int(rect.right()) - 1] == 200).all()
    QTest.mouseClick(canvas, LEFT, pos=rect.center().toPoint())
    assert canvas.share == pytest.approx(0.5, abs=0.01)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.share == pytest.approx(0.52, abs=0.01)
    assert canvas.spoken().value == pytest.approx(52, abs=1)


def test_holes_are_chequers(canvas):
    canvas.show_mask(None)
    holes = np.zeros((SIDE, SIDE), np.uint8)
    holes[:, 16:] = 255
    canvas.show_picture(np.full((SIDE, SIDE, 3), 255, np.uint8), holes)
    seen, rect = pixels(canvas), canvas.picture_rect(0).toRect()
    half = seen[rect.top() : rect.bottom() + 1, rect.left() : rect.right() + 1]
    middle = half.shape[1] // 2
    assert (half[:, :middle] == 255).all()
    assert len(np.unique(half[:, middle:, 0])) == 2
    assert half[:, middle:].max() < 60


def test_the_wheel_zooms_and_with_ctrl_resizes(canvas):
    def turn(modifiers=Qt.KeyboardModifier.NoModifier):
        place = QPointF(at(canvas, 16, 16))
        event = QWheelEvent(
            place, place, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, modifiers,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(canvas, event)

    zoom, size = canvas.zoom, canvas.hand.size
    turn()
    assert canvas.zoom > zoom
    turn(Qt.KeyboardModifier.ControlModifier)
    assert canvas.hand.size > size


def test_the_strip_offers_what_would_change_something(canvas):
    deeds = canvas.strip.deeds
    assert not deeds["undo"].isEnabled()
    assert not deeds["clear"].isEnabled()
    QTest.mouseClick(deeds["fill"], LEFT)
    assert canvas.painted_mask.full
    assert not deeds["fill"].isEnabled()
    QTest.mouseClick(deeds["undo"], LEFT)
    assert canvas.painted_mask.empty
    assert deeds["redo"].isEnabled()
    assert not canvas.strip.files["save"].isEnabled()
    for button in (*deeds.values(), *canvas.strip.tools.values(), *canvas.strip.files.values()):
        assert button.accessibleName()
        assert button.toolTip()


def test_the_strip_is_whole_however_low_the_canvas_is(canvas):
    one = canvas.strip.width()
    canvas.resize(500, 240)
    assert canvas.strip.width() > one
    buttons = [*canvas.strip.tools.values(), *canvas.strip.deeds.values()]
    buttons += canvas.strip.files.values()
    for button in buttons:
        assert canvas.strip.rect().contains(button.geometry())
        assert not any(b.geometry().intersects(button.geometry()) for b in buttons if b != button)
    assert canvas.rect().contains(canvas.strip.geometry())
    assert not canvas.strip.geometry().intersects(canvas.picture_rect(0).toRect())
    canvas.resize(700, 560)
    assert canvas.strip.width() == one


def test_without_a_picture_nothing_can_be_painted(canvas):
    canvas.show_mask(None)
    canvas.show_picture(None)
    assert canvas.strip.isHidden()
    assert canvas.said[-1] == ""
    QTest.mouseClick(canvas, LEFT, pos=QPoint(300, 300))
    QTest.keyClick(canvas, Qt.Key.Key_I)
    assert canvas.spoken().words == "no picture yet"
