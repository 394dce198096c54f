"""The restorations and the table of methods."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from studio.ui.edit.methods_table import MethodRow, MethodsTable, short, texts_of
from studio.ui.edit.restorations import Restorations
from studio.ui.theme import DARK, LIGHT, apply_theme

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def grid(qtbot):
    made = Restorations()
    qtbot.addWidget(made)
    made.resize(290, 460)
    made.show()
    made.seen = []
    made.chosen.connect(made.seen.append)
    return made


@pytest.fixture
def table(qtbot):
    made = MethodsTable()
    qtbot.addWidget(made)
    made.resize(300, 240)
    made.show()
    return made


def flat(levels):
    return [np.full((8, 8, 3), level, np.uint8) for level in levels]


def middle(grid, place):
    return grid.view.visualRect(grid.model.index(place)).center()


def colour_at(widget, point):
    return widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32).pixelColor(point)


def test_every_seed_has_its_place_in_two_columns(grid):
    grid.show_pictures(flat([40, 80, 120, 160]), ["seed 1", "seed 2", "seed 3", "seed 4"])
    places = [grid.view.visualRect(grid.model.index(row)).topLeft() for row in range(4)]
    assert places[0].y() == places[1].y() < places[2].y() == places[3].y()
    assert places[0].x() == places[2].x() < places[1].x() == places[3].x()
    for place, level in enumerate([40, 80, 120, 160]):
        assert colour_at(grid.view.viewport(), middle(grid, place)).red() == level


def test_a_click_and_the_arrow_keys_choose(grid):
    grid.show_pictures(flat([40, 80, 120, 160]), [""] * 4, chosen=0)
    assert grid.seen == []
    QTest.mouseClick(grid.view.viewport(), LEFT, pos=middle(grid, 1))
    QTest.keyClick(grid.view, Qt.Key.Key_Down)
    QTest.keyClick(grid.view, Qt.Key.Key_Left)
    assert grid.seen == [1, 3, 2]
    assert grid.place == 2


def test_newer_pictures_keep_the_choice_and_are_silent(grid):
    grid.show_pictures(flat([40, 80]), ["", ""])
    grid.choose(1)
    grid.show_pictures(flat([50, 90]), ["", ""], chosen=1)
    assert grid.place == 1
    assert grid.seen == []
    assert colour_at(grid.view.viewport(), middle(grid, 1)).red() == 90


def test_the_chosen_one_is_framed(grid):
    grid.show_pictures(flat([40, 80]), ["", ""], chosen=1)
    image = grid.view.viewport().grab().toImage()
    rect = grid.view.visualRect(grid.model.index(1))
    row = [image.pixelColor(x, rect.center().y()).name() for x in range(rect.left(), rect.right())]
    assert row.count(DARK.accent) == 4
    other = grid.view.visualRect(grid.model.index(0))
    row = [image.pixelColor(x, other.center().y()).name() for x in range(0, other.right())]
    assert DARK.accent not in row


def test_without_any_it_says_what_will_be_there(grid):
    grid.say("Press Restore")
    grid.show_pictures((), ())
    assert grid.empty.isVisible()
    assert grid.view.isHidden()


def test_what_stands_in_the_columns():
    row = MethodRow("DDRM", 27.123, 0.9126, 3.4e-6, 20, 0.44)
    assert texts_of(row) == ("DDRM", "27.1", ".913", "3e-6", "20", " 0.4 s")
    assert texts_of(MethodRow("mean fill", 17.9, trivial=True))[3:] == ("–", "–", " –")
    assert [short(value) for value in (0.0, 0.5, 0.0449, 12.0)] == ["0", "0.5", "0.045", "12"]
    assert texts_of(MethodRow("RePaint", nfe=1800))[4] == "1,800"


def test_rows_are_shown_and_chosen(table, qtbot):
    rows = (MethodRow("DDRM", 27.1, chosen=True), MethodRow("mean fill", 17.9, trivial=True))
    table.show_rows(rows)
    assert table.table.item(0, 0).foreground().color().name() == DARK.accent
    assert table.table.item(1, 0).foreground().color().name() == DARK.muted
    with qtbot.waitSignal(table.row_chosen) as chosen:
        table.table.cellClicked.emit(1, 2)
    assert chosen.args == [1]


def test_the_table_takes_the_colours_of_another_theme(table, qapp):
    table.show_rows((MethodRow("DDRM", 27.1),))
    apply_theme(qapp, LIGHT)
    assert table.table.item(0, 0).foreground().color().name() == LIGHT.text


def test_compare_says_why_it_cannot(table, qtbot):
    table.show_compare("Open a picture first.")
    assert not table.compare.isEnabled()
    assert "Open a picture first." in table.compare.toolTip()
    table.show_compare("")
    with qtbot.waitSignal(table.compare_wanted):
        QTest.mouseClick(table.compare, LEFT)


def test_every_column_fits(table):
    table.show_rows((MethodRow("DDRM", 27.12, 0.9126, 3.4e-6, 20, 0.44),))
    header = table.table.horizontalHeader()
    for column, text in enumerate(texts_of(table.rows[0])):
        room = header.sectionSize(column)
        assert table.table.fontMetrics().horizontalAdvance(text) < room
    assert sum(header.sectionSize(c) for c in range(6)) <= table.table.viewport().width()
