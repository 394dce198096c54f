"""The parts of the Compare tab, each by itself."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from studio.diffusion import SAMPLERS
from studio.ui.compare.ab_view import ABView
from studio.ui.compare.check_list import CheckList
from studio.ui.compare.error_plot import ErrorPlot, Line, Point
from studio.ui.compare.lens import Lens, image
from studio.ui.compare.picture_matrix import PictureMatrix, RowName

LEFT = Qt.MouseButton.LeftButton


def plain(color):
    return np.full((8, 8, 3), color, np.uint8)


def shown(qtbot, widget, width=700, height=500):
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    return widget


# The lens


def test_what_lies_under_the_mouse_stays_there_while_zooming():
    lens = Lens().zoomed(4.0, 0.25, 0.75)
    assert lens.zoom == 4.0
    seen = (lens.x + (0.25 - 0.5) / lens.zoom, lens.y + (0.75 - 0.5) / lens.zoom)
    assert seen == pytest.approx((0.25, 0.75))


def test_a_lens_never_leaves_the_picture_nor_shrinks_it():
    assert Lens().zoomed(0.1, 0.5, 0.5) == Lens()
    assert Lens().moved(3.0, -3.0) == Lens()
    corner = Lens(2.0).moved(9.0, 9.0)
    assert (corner.x, corner.y) == (0.25, 0.25)


def test_a_zoomed_lens_shows_the_part_of_the_picture(qapp):
    pixels = plain(0)
    pixels[:4, :4] = 255
    canvas = QImage(80, 80, QImage.Format.Format_RGB888)
    painter = QPainter(canvas)
    Lens(2.0, 0.25, 0.25).paint(painter, QRectF(0, 0, 80, 80), image(pixels))
    painter.end()
    assert {canvas.pixelColor(x, y).red() for x in (2, 77) for y in (2, 77)} == {255}


# The plot


LINES = (
    Line("Good", tuple(Point(n, n / 10, 1 / n**2, True) for n in (6, 10, 18)), "#5ad1c4"),
    Line("Bad", (Point(6, 0.1, 1.0), Point(10, 0.2, 0.0), Point(18, 0.4, 0.3)), "#8c92a4"),
)


def test_points_that_have_no_place_on_the_axes_are_left_out(qtbot):
    plot = shown(qtbot, ErrorPlot())
    plot.show_lines((*LINES, Line("None", (Point(6, 0.1, 0.0),), "#fff")))
    assert [len(line.points) for line in plot.lines] == [3, 2]


def test_the_axis_turns_to_time_and_back(qtbot):
    plot = shown(qtbot, ErrorPlot())
    plot.show_lines(LINES)
    plot.axis_button.click()
    assert plot.axis == "seconds" and plot.cost(LINES[0].points[0]) == 0.6
    plot.axis_button.click()
    assert plot.axis == "nfe" and "NFE" in plot.axis_button.text()


def test_a_click_on_a_point_chooses_its_cost(qtbot):
    plot = shown(qtbot, ErrorPlot())
    plot.show_lines(LINES)
    box = plot.plot.getPlotItem().getViewBox()
    scene = box.mapViewToScene(QPointF(np.log10(10), np.log10(0.01)))
    with qtbot.waitSignal(plot.nfe_chosen) as chosen:
        QTest.mouseClick(plot.plot.viewport(), LEFT, pos=plot.plot.mapFromScene(scene))
    assert chosen.args == [10]


def test_no_results_yet_is_said(qtbot):
    plot = shown(qtbot, ErrorPlot())
    invitation = plot.findChild(QLabel, "error_empty")
    assert invitation.isVisible()
    plot.show_lines(LINES)
    assert not invitation.isVisible()


# The matrix


@pytest.fixture
def matrix(qtbot):
    matrix = shown(qtbot, PictureMatrix(), 560, 400)
    matrix.set_table([RowName("Heun", "Karras"), RowName("DEIS")], ["NFE 6", "NFE 8"])
    pictures = {(row, column): plain(60 * row + 50) for row in (0, 1) for column in (0, 1)}
    del pictures[1, 1]
    matrix.set_pictures(pictures, {(1, 1): "nothing fits"})
    return matrix


def middle(matrix, place):
    return matrix.cell_rect(place).center()


def test_a_click_marks_a_and_with_shift_b(matrix):
    QTest.mouseClick(matrix.viewport(), LEFT, pos=middle(matrix, (0, 1)))
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.mouseClick(matrix.viewport(), LEFT, shift, middle(matrix, (1, 0)))
    assert (matrix.a, matrix.b) == ((0, 1), (1, 0))
    QTest.mouseClick(matrix.viewport(), LEFT, pos=middle(matrix, (1, 1)))  # it has no picture
    assert matrix.a == (0, 1)


def test_arrows_move_the_marks_and_esc_takes_them_away(matrix):
    QTest.keyClick(matrix, Qt.Key.Key_Right)
    assert matrix.a == (0, 0)
    QTest.keyClick(matrix, Qt.Key.Key_Down)
    QTest.keyClick(matrix, Qt.Key.Key_Right)  # nothing is there
    assert matrix.a == (1, 0)
    QTest.keyClick(matrix, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert matrix.b == (0, 0)
    QTest.keyClick(matrix, Qt.Key.Key_Escape)
    assert matrix.a is matrix.b is None


def test_a_drag_moves_every_picture_and_marks_none(matrix):
    matrix.lens = Lens(4.0)
    start = middle(matrix, (0, 0))
    QTest.mousePress(matrix.viewport(), LEFT, pos=start)
    QTest.mouseMove(matrix.viewport(), start + QPoint(40, 0))
    QTest.mouseRelease(matrix.viewport(), LEFT, pos=start + QPoint(40, 0))
    assert matrix.lens.x < 0.5 and matrix.a is None
    QTest.mouseDClick(matrix.viewport(), LEFT, pos=start)
    assert matrix.lens == Lens()


def test_pictures_are_painted_in_their_places(matrix):
    shot = matrix.viewport().grab().toImage()
    assert shot.pixelColor(middle(matrix, (0, 0))).red() == 50
    assert shot.pixelColor(middle(matrix, (1, 0))).red() == 110


# A against B


def test_the_line_is_dragged_and_stays_inside(qtbot):
    view = shown(qtbot, ABView(), 500, 400)
    view.show_pair(plain(10), plain(200), ("a", "b"))
    frame = view.frame
    QTest.mouseClick(view, LEFT, pos=QPoint(int(frame.left() + 0.25 * frame.width()), 200))
    assert view.share == pytest.approx(0.25, abs=0.01)
    shot = view.grab().toImage()
    y = int(frame.center().y())
    assert shot.pixelColor(int(frame.left() + 4), y).red() == 10
    assert shot.pixelColor(int(frame.right() - 4), y).red() == 200
    QTest.mouseClick(view, LEFT, pos=QPoint(0, 200))
    assert view.share == 0.0
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.share == pytest.approx(0.02)


def test_esc_leaves_the_pair(qtbot):
    view = shown(qtbot, ABView())
    with qtbot.waitSignal(view.left):
        QTest.keyClick(view, Qt.Key.Key_Escape)


# The list


def test_a_click_and_space_check_and_uncheck(qtbot):
    chosen = shown(qtbot, CheckList("compare_samplers", "samplers", SAMPLERS), 260, 400)
    chosen.set_checked(["heun", "gone"])
    assert chosen.checked() == ("heun",)
    item = chosen.findItems("Euler", Qt.MatchFlag.MatchExactly)[0]
    with qtbot.waitSignal(chosen.changed):
        QTest.mouseClick(chosen.viewport(), LEFT, pos=chosen.visualItemRect(item).center())
    assert chosen.checked() == ("euler", "heun")
    chosen.setCurrentItem(item)
    QTest.keyClick(chosen, Qt.Key.Key_Space)
    assert chosen.checked() == ("heun",)


def test_headings_cannot_be_checked(qtbot):
    chosen = shown(qtbot, CheckList("compare_samplers", "samplers", SAMPLERS), 260, 400)
    heading = chosen.item(0)
    QTest.mouseClick(chosen.viewport(), LEFT, pos=chosen.visualItemRect(heading).center())
    assert chosen.checked() == ()
