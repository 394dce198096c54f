"""The canvas: exact pixels, and what mouse and keys do."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from studio.ui.canvas import Canvas
from studio.ui.canvas_header import shortened
from studio.ui.theme import DARK, LIGHT, apply_theme


@pytest.fixture
def canvas(qtbot):
    widget = Canvas()
    qtbot.addWidget(widget)
    widget.resize(700, 500)
    widget.grab()
    return widget


def noise(count: int, height: int = 32, width: int = 32) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 3), np.uint8)


def pixels(widget: QWidget) -> np.ndarray:
    """Return what a widget paints: (H, W, 3), red first."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    flat = np.frombuffer(image.constBits(), np.uint8)
    rows = flat.reshape(image.height(), image.bytesPerLine())[:, : 3 * image.width()]
    return rows.reshape(image.height(), image.width(), 3).copy()


def middle(canvas: Canvas, index: int) -> QPoint:
    return canvas.picture_rect(index).center().toPoint()


def enlarged(picture: np.ndarray, zoom: int) -> np.ndarray:
    return picture.repeat(zoom, 0).repeat(zoom, 1)


def test_every_picture_is_painted_pixel_for_pixel(canvas):
    pictures = noise(7)
    canvas.set_pictures(pictures)
    painted = pixels(canvas)
    zoom = int(canvas.zoom)
    assert zoom == canvas.zoom > 1
    for index, picture in enumerate(pictures):
        x, y = canvas.picture_rect(index).topLeft().toPoint().toTuple()
        assert np.array_equal(
            painted[y : y + 32 * zoom, x : x + 32 * zoom], enlarged(picture, zoom)
        )


def test_pictures_that_are_not_square_keep_their_shape(canvas):
    pictures = noise(3, 16, 40)
    canvas.set_pictures(pictures)
    painted, zoom = pixels(canvas), int(canvas.zoom)
    x, y = canvas.picture_rect(2).topLeft().toPoint().toTuple()
    assert np.array_equal(
        painted[y : y + 16 * zoom, x : x + 40 * zoom], enlarged(pictures[2], zoom)
    )


def test_nothing_is_painted_over_a_picture(canvas):
    canvas.set_pictures(noise(1))
    canvas.set_status("step 1 / 18")
    assert canvas.picture_rect(0).top() >= canvas.header.geometry().bottom()


def test_zoomed_pictures_do_not_reach_into_the_header(canvas):
    canvas.set_pictures(np.full((1, 32, 32, 3), 255, np.uint8))
    canvas.zoom_to(64)
    assert (pixels(canvas)[: canvas.header.height(), :] != 255).any(axis=2).mean() > 0.9


@pytest.mark.parametrize("scale", ["1.5", "2"])
def test_pixels_stay_crisp_on_dense_screens(scale):
    """On a screen of 150 %, too, where a widget may begin between two device pixels."""
    program = """
import numpy as np
from PySide6.QtWidgets import QApplication, QWidget
from PySide6.QtGui import QImage
from studio.ui.canvas import Canvas
from studio.ui.canvas_header import shortened
app = QApplication([])
host = QWidget()
host.resize(643, 519)
canvas = Canvas(host)
canvas.setGeometry(3, 5, 621, 501)
pictures = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
canvas.set_pictures(pictures)
host.grab()
image = host.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
painted = flat[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
zoom, ratio = int(canvas.zoom), canvas.devicePixelRatioF()
assert zoom == canvas.zoom and ratio == SCALE, (zoom, ratio)
for index, picture in enumerate(pictures):
    place = canvas.picture_rect(index).translated(3, 5)
    x, y = round(place.x() * ratio), round(place.y() * ratio)
    large = picture.repeat(zoom, 0).repeat(zoom, 1)
    near = [
        np.array_equal(painted[y + v : y + v + 32 * zoom, x + u : x + u + 32 * zoom], large)
        for u in (-1, 0, 1) for v in (-1, 0, 1)
    ]
    assert any(near), index
"""
    done = subprocess.run(
        [sys.executable, "-c", program.replace("SCALE", scale)],
        env={
            **os.environ,
            "QT_SCALE_FACTOR": scale,
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPATH": ":".join(sys.path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_large_pictures_are_averaged_when_they_are_shown_small(canvas):
    board = np.indices((1024, 1024)).sum(0) % 2 * 255
    canvas.set_pictures(np.repeat(board[None, :, :, None], 3, 3).astype(np.uint8))
    assert canvas.zoom < 0.5
    x, y = middle(canvas, 0).toTuple()
    assert pixels(canvas)[y - 20 : y + 20, x - 20 : x + 20] == pytest.approx(127.5, abs=8)


def test_four_thousand_pictures_all_find_a_place(canvas):
    pictures = np.zeros((4096, 32, 32, 3), np.uint8)
    pictures[4095] = (255, 0, 0)
    canvas.set_pictures(pictures)
    x, y = middle(canvas, 4095).toTuple()
    red, green, blue = pixels(canvas)[y, x]
    assert red > 200
    assert green < 40 > blue


def test_the_followed_picture_has_an_accent_frame_outside_of_it(canvas):
    pictures = noise(4)
    canvas.set_pictures(pictures)
    canvas.set_followed(3)
    place = canvas.picture_rect(3)
    image = canvas.grab().toImage()
    x, y = place.topLeft().toPoint().toTuple()
    assert image.pixelColor(x - 1, y + 10) == QColor(DARK.accent)
    assert image.pixelColor(x + 10, y - 1) == QColor(DARK.accent)
    red, green, blue = pictures[3, 0, 0].tolist()
    assert image.pixelColor(x, y) == QColor(red, green, blue)


def test_a_click_follows_the_picture_under_it(canvas, qtbot):
    canvas.set_pictures(noise(7))
    seen = []
    canvas.followed.connect(seen.append)
    for index in (4, 0, 6):
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=middle(canvas, index))
    assert seen == [4, 0, 6]
    assert canvas.followed_index == 6
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(2, 490))
    assert seen == [4, 0, 6]


def test_following_by_program_is_silent(canvas, qtbot):
    canvas.set_pictures(noise(7))
    with qtbot.assertNotEmitted(canvas.followed):
        canvas.set_followed(3)
        canvas.set_pictures(noise(2))
    assert canvas.followed_index == 1


def wheel(canvas: Canvas, point: QPoint, angle: int) -> None:
    event = QWheelEvent(
        QPointF(point),
        canvas.mapToGlobal(QPointF(point)),
        QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def test_the_wheel_zooms_about_the_cursor(canvas):
    canvas.set_pictures(noise(16))
    canvas.zoom_to(10)
    point = middle(canvas, 5) + QPoint(13, 17)
    before = canvas.picture_rect(5)
    share = (QPointF(point) - before.topLeft()) / before.width()
    wheel(canvas, point, 120)
    after = canvas.picture_rect(5)
    assert canvas.zoom == 12
    moved = (QPointF(point) - after.topLeft()) / after.width()
    assert moved.toTuple() == pytest.approx(share.toTuple(), abs=0.01)
    wheel(canvas, point, -60)
    assert canvas.zoom == 12
    wheel(canvas, point, -60)
    assert canvas.zoom == 10


def test_a_drag_pans_and_does_not_follow(canvas, qtbot):
    canvas.set_pictures(noise(16))
    canvas.zoom_to(20)
    start = canvas.picture_area().center()
    place = canvas.picture_rect(5)
    with qtbot.assertNotEmitted(canvas.followed):
        qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
        qtbot.mouseMove(canvas, start + QPoint(-40, 30))
        qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=start + QPoint(-40, 30))
    assert (canvas.picture_rect(5).topLeft() - place.topLeft()).toTuple() == (-40, 30)


def test_shift_and_drag_carries_a_picture_out(canvas, qtbot):
    canvas.set_pictures(noise(4))
    start = middle(canvas, 2)
    shift = Qt.KeyboardModifier.ShiftModifier
    with qtbot.waitSignal(canvas.drag_requested) as carried:
        qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, shift, start)
        move = QPointF(start + QPoint(30, 0))
        QApplication.sendEvent(canvas, _mouse_move(canvas, move, shift))
    assert carried.args == [2]


def _mouse_move(canvas, point, modifiers):
    from PySide6.QtGui import QMouseEvent

    button = Qt.MouseButton.LeftButton
    return QMouseEvent(
        QEvent.Type.MouseMove, point, canvas.mapToGlobal(point), button, button, modifiers
    )


def test_keys_zoom_and_a_double_click_fits(canvas, qtbot):
    canvas.set_pictures(noise(4))
    fit = canvas.zoom
    qtbot.keyClick(canvas, Qt.Key.Key_1)
    assert canvas.zoom == 1
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.zoom == 2
    qtbot.keyClick(canvas, Qt.Key.Key_Minus)
    qtbot.keyClick(canvas, Qt.Key.Key_Minus)
    assert canvas.zoom == pytest.approx(0.5**0.5)
    qtbot.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.zoom == fit
    canvas.zoom_to(30)
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.picture_area().center())
    assert canvas.zoom == fit
    canvas.zoom_to(30)
    canvas.header.zoom.click()
    assert canvas.zoom == fit


def test_shift_and_arrows_follow_neighbours_and_plain_arrows_are_left_to_others(canvas, qtbot):
    canvas.set_pictures(noise(6))
    columns = canvas.columns
    seen = []
    canvas.followed.connect(seen.append)
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(canvas, Qt.Key.Key_Right, shift)
    qtbot.keyClick(canvas, Qt.Key.Key_Down, shift)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    qtbot.keyClick(canvas, Qt.Key.Key_Up)
    assert seen == [1, 1 + columns]


def test_ctrl_c_asks_for_a_copy(canvas, qtbot):
    canvas.set_pictures(noise(2))
    with qtbot.waitSignal(canvas.copy_requested):
        qtbot.keyClick(canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)


def test_the_tool_tip_names_the_picture(canvas, monkeypatch):
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, *rest: told.append(text))
    canvas.set_pictures(noise(4))
    canvas.set_captions([f"seed {seed}" for seed in (5, 6, 7, 8)])
    point = middle(canvas, 2)
    QApplication.sendEvent(
        canvas, QHelpEvent(QEvent.Type.ToolTip, point, canvas.mapToGlobal(point))
    )
    assert told == ["seed 7"]


def test_the_canvas_does_not_blank_and_reuses_its_memory(canvas):
    first, second = noise(4), 255 - noise(4)
    canvas.set_pictures(first)
    memory = canvas._atlas._pixels
    canvas.zoom_to(3)
    canvas.set_pictures(second)
    assert canvas._atlas._pixels is memory
    assert canvas.zoom == 3
    x, y = canvas.picture_rect(0).topLeft().toPoint().toTuple()
    assert np.array_equal(pixels(canvas)[y : y + 96, x : x + 96], enlarged(second[0], 3))


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 8, 8), np.uint8),
        np.zeros((2, 8, 8, 4), np.uint8),
        np.zeros((0, 8, 8, 3), np.uint8),
        np.zeros((2, 8, 8, 3), np.float32),
    ],
)
def test_what_is_no_batch_of_pictures_is_refused(canvas, array):
    with pytest.raises(ValueError, match="canvas shows"):
        canvas.set_pictures(array)


def test_the_gaps_take_the_colours_of_another_theme(canvas, qapp):
    canvas.set_pictures(noise(4))
    place = canvas.picture_rect(0)
    gap = QPoint(round(place.right()) + 1, round(place.center().y()))
    canvas.set_followed(3)
    assert canvas.grab().toImage().pixelColor(gap) == QColor(DARK.canvas)
    apply_theme(qapp, LIGHT, 1.0)
    assert canvas.grab().toImage().pixelColor(gap) == QColor(LIGHT.canvas)


def test_the_invitation_is_there_until_the_first_picture(canvas):
    ground = np.array(QColor(DARK.canvas).getRgb()[:3])
    below = slice(canvas.header.height(), None)
    assert (pixels(canvas)[below] != ground).any()
    canvas.set_invitation("", "")
    assert not (pixels(canvas)[below] != ground).any()


# The header


def test_choosing_a_view_is_told_once_and_setting_it_is_not(canvas, qtbot):
    seen = []
    canvas.view_changed.connect(seen.append)
    segments = {segment.objectName(): segment for segment in canvas.header.switch._segments}
    segments["view_eps"].click()
    segments["view_delta"].click()
    canvas.set_view("x")
    assert seen == ["eps", "delta"]
    assert canvas.header.switch.view == "x"
    assert segments["view_x"].isChecked()
    assert not segments["view_delta"].isChecked()


def test_the_views_are_reached_with_the_arrow_keys(canvas, qtbot):
    seen = []
    canvas.view_changed.connect(seen.append)
    switch = canvas.header.switch
    canvas.set_view("diff")
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        segment = next(s for s in switch._segments if s.isChecked())
        qtbot.keyClick(segment, key)
    assert seen == ["settle", "ab", "settle"]
    focusable = [s for s in switch._segments if s.focusPolicy() != Qt.FocusPolicy.NoFocus]
    assert [s.id for s in focusable] == ["settle"]


def test_the_views_explain_themselves(canvas):
    names = [segment.accessibleName() for segment in canvas.header.switch._segments]
    assert names[:4] == ["state x", "estimate x0", "noise epsilon", "change delta"]
    assert names[4:] == ["difference of two takes", "map of what settles when", "A beside B"]
    assert all(len(segment.toolTip()) > 20 for segment in canvas.header.switch._segments)


def test_a_status_that_has_no_room_ends_in_an_ellipsis_and_is_whole_in_the_tip(canvas):
    text = "step 11 / 18 · σ 0.296 · NFE 22 / 35 · 27.4 it/s · 0.5 s left"
    canvas.set_status(text)
    canvas.resize(300, 300)
    canvas.grab()
    assert canvas.header.pill.text == text
    assert canvas.header.pill.toolTip() == text
    assert canvas.header.switch.geometry().right() <= 300


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (40, "step 3 / 18 · σ 40.8 · NFE 6 · 1.65 it/s"),
        (39, "step 3 / 18 · σ 40.8 · NFE 6"),
        (4, "step 3 / 18"),
    ],
)
def test_figures_without_room_are_left_out_whole(room, shown):
    assert shortened("step 3 / 18 · σ 40.8 · NFE 6 · 1.65 it/s", room, len) == shown
