"""The Compare tab in the window, on a fake model."""

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.app import build
from studio.library.comparison import Cell, Pick, Result
from studio.ui.compare.lines import colored_lines, rows_at
from studio.ui.pages import COMPARE

SMALL = {"samplers": ("heun", "euler_ancestral"), "budgets": (6, 8), "seeds": (0, 1)}


@pytest.fixture
def window(qtbot, stand_in):
    _, window = build([])
    window.resize(1280, 800)
    window.show()
    qtbot.waitUntil(lambda: bool(window.studio.models.digest), timeout=20_000)
    window.top_bar.tabs.setCurrentIndex(COMPARE)
    window.studio.comparing.choose(**SMALL)
    yield window
    window.close()


def test_compare_fills_plot_table_and_pictures(qtbot, window):
    tab, desk = window.pages.compare, window.studio.comparing
    assert window.pages.currentWidget() is tab
    assert "4 cells" in tab.panel.cost.text()
    with qtbot.waitSignal(desk.ended, timeout=20_000):
        QTest.mouseClick(tab.panel.compare, Qt.MouseButton.LeftButton)
        assert tab.panel.stop.isEnabled() and not tab.panel.compare.isEnabled()
    qtbot.waitUntil(lambda: len(tab.board.matrix.pictures) == 5)
    assert [line.label for line in tab.plot.lines] == ["Heun"]
    assert [row.name for row in tab.table.rows] == ["Heun · Karras", "Euler a · Karras"]
    assert "draws noise" in tab.table.rows[1].remark
    assert tab.panel.cost.text() == "Every cell is there."
    assert not tab.panel.compare.isEnabled()
    assert window.status.label.text().startswith("Compared 4 of 4 cells")


def test_a_wrong_budget_is_said_where_it_is_typed(window):
    panel = window.pages.compare.panel
    panel.nfe.setFocus()
    panel.nfe.selectAll()
    QTest.keyClicks(panel.nfe, "6 x")
    QTest.keyClick(panel.nfe, Qt.Key.Key_Return)
    assert "“x”" in panel.cost.text() and not panel.compare.isEnabled()
    panel.nfe.selectAll()
    QTest.keyClicks(panel.nfe, "6 10")
    QTest.keyClick(panel.nfe, Qt.Key.Key_Return)
    assert window.studio.comparing.choice.budgets == (6, 10)
    assert panel.compare.isEnabled()


def test_a_click_checks_a_solver(window):
    panel = window.pages.compare.panel
    item = panel.solvers.findItems("Euler", Qt.MatchFlag.MatchExactly)[0]
    panel.solvers.scrollToItem(item)
    QTest.mouseClick(
        panel.solvers.viewport(),
        Qt.MouseButton.LeftButton,
        pos=panel.solvers.visualItemRect(item).center(),
    )
    assert "euler" in window.studio.comparing.choice.samplers


def test_the_keys_of_the_tabs_lead_back_and_forth(window):
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.pages.currentWidget() is window.pages.sample
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.pages.currentWidget() is window.pages.compare


def test_export_writes_a_table_and_a_sheet(qtbot, window, tmp_path):
    tab = window.pages.compare
    with qtbot.waitSignal(window.studio.comparing.ended, timeout=20_000):
        tab.start()
    assert tab.save(str(tmp_path / "a.csv")) is None
    assert tab.save(str(tmp_path / "a.png")) is None
    assert (tmp_path / "a.csv").read_text().count("\n") == 5
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "could not be written" in str(tab.save("/nowhere/at/all.csv"))


def result(sampler, schedule, budget, error):
    cell = Cell(solver=Pick(id=sampler), schedule=Pick(id=schedule), budget=budget)
    return Result(cell=cell, nfe=budget, error=error, seconds=1.0)


def test_the_best_row_has_the_accent_and_the_table_begins_with_it():
    results = [
        result(name, schedule, nfe, error / nfe)
        for name, schedule, error in (
            ("heun", "karras", 3),
            ("deis", "karras", 1),
            ("deis", "vp", 2),
        )
        for nfe in (6, 8)
    ]
    lines = colored_lines(results)
    accented = [line for line in lines if line.color == lines[1].color]
    assert [line.label for line in accented] == ["DEIS · Karras"]
    assert [p.front for p in lines[1].points] == [True, True]
    rows = rows_at(results, 8)
    assert [row.name for row in rows] == ["DEIS · Karras", "DEIS · VP", "Heun · Karras"]
    assert rows[0].order == pytest.approx(1.0)


def test_pictures_are_set_against_each_other(qtbot, window):
    tab = window.pages.compare
    with qtbot.waitSignal(window.studio.comparing.ended, timeout=20_000):
        tab.start()
    matrix = tab.board.matrix
    qtbot.waitUntil(lambda: len(matrix.pictures) == 5)
    for place, modifier in (
        ((0, 0), Qt.KeyboardModifier.NoModifier),
        ((1, 0), Qt.KeyboardModifier.ShiftModifier),
    ):
        at = matrix.cell_rect(place).center()
        QTest.mouseClick(matrix.viewport(), Qt.MouseButton.LeftButton, modifier, at)
    assert tab.board.ab_button.isEnabled()
    tab.board.ab_button.click()
    assert tab.board.ab_view.isVisible()
    QTest.keyClick(tab.board.ab_view, Qt.Key.Key_Escape)
    assert matrix.isVisible()


def test_closing_in_the_middle_of_a_comparison_is_clean(qtbot, window, stand_in):
    stand_in.hook = lambda model, x, sigma: time.sleep(0.002)
    window.pages.compare.start()
    qtbot.waitUntil(lambda: len(stand_in.calls) > 5)
    window.close()
    assert window.ended_cleanly


def test_opening_another_model_stops_the_comparison(qtbot, window, stand_in):
    stand_in.hook = lambda model, x, sigma: time.sleep(0.002)
    desk = window.studio.comparing
    with qtbot.waitSignal(desk.ended, timeout=20_000) as ended:
        window.pages.compare.start()
        qtbot.waitUntil(lambda: len(stand_in.calls) > 5)
        window.studio.open_model(window.studio.models.path)
    assert ended.args[0].outcome == "stopped"
    qtbot.waitUntil(lambda: bool(window.studio.models.digest))
    assert window.pages.compare.panel.compare.isEnabled()
