"""The Sweep page in the window, on a fake model."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.library.sweeps import Axis
from studio.ui.compare.sweep_panel import cost_text
from studio.ui.pages import COMPARE, SAMPLE

STEPS = Axis(field="steps", values=(3, 5))
CHURN = Axis(field="knobs.s_churn", values=(0.0, 20.0))
GUIDANCE = Axis(field="guidance", values=(1.0, 2.0))


@pytest.fixture
def shown(qtbot, window):
    """Show the Sweep page with a small sweep chosen, and wait until all is known of it."""
    qtbot.waitUntil(lambda: bool(window.studio.models.digest), timeout=20_000)
    window.resize(1280, 800)
    window.top_bar.tabs.setCurrentIndex(COMPARE)
    window.pages.show_mode("sweep")
    desk = window.studio.sweeping
    with qtbot.waitSignal(desk.cells_changed):
        desk.choose(axes=(STEPS, CHURN), seeds=(0, 1))
    qtbot.waitUntil(lambda: desk.view.sweep is not None and not desk.view.problem)
    return window


def run(qtbot, window):
    tab = window.pages.sweep
    with qtbot.waitSignal(window.studio.sweeping.ended, timeout=20_000):
        QTest.mouseClick(tab.panel.start, Qt.MouseButton.LeftButton)
    desk = window.studio.sweeping
    pages = [len(axis.values) for axis in desk.choice.axes[2:]]
    page = len(desk.done) // (pages[0] if pages else 1)
    qtbot.waitUntil(lambda: len(tab.board.matrix.pictures) == page)
    qtbot.waitUntil(lambda: window.studio.sweeping.view.forecast.cells == 0)
    return tab


def click(matrix, place, *, double=False):
    act = QTest.mouseDClick if double else QTest.mouseClick
    at = matrix.cell_rect(place).center()
    act(matrix.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def test_the_switch_leads_back_and_forth(shown):
    pages = shown.pages
    assert pages.currentWidget() is pages.sweep
    pages.sweep.panel.mode._segments[0].click()
    assert pages.currentWidget() is pages.compare and pages.compare.panel.mode.view == "solvers"
    pages.compare.panel.mode._segments[1].click()
    assert pages.currentWidget() is pages.sweep and pages.sweep.panel.mode.view == "sweep"


def test_the_arrow_keys_turn_the_page_and_back(qtbot, shown):
    pages = shown.pages
    pages.sweep.panel.mode.take_focus()
    for key, page in ((Qt.Key.Key_Left, pages.compare), (Qt.Key.Key_Right, pages.sweep)):
        QTest.keyClick(shown.focusWidget(), key)
        assert pages.currentWidget() is page
        assert shown.focusWidget().id == page.panel.mode.view


def test_count_and_time_stand_above_the_button(qtbot, shown):
    panel = shown.pages.sweep.panel
    qtbot.waitUntil(lambda: "about" in panel.cost.text(), timeout=10_000)
    assert panel.cost.text().startswith("4 cells · 8 pictures · 56 NFE")


def test_a_sweep_fills_the_table_and_says_so(qtbot, shown):
    tab = run(qtbot, shown)
    matrix = tab.board.matrix
    assert [row.name for row in matrix.rows] == ["Steps 3", "Steps 5"]
    assert matrix.columns == ("S_churn 0", "S_churn 20")
    assert matrix.captions is None and tab.legend.isHidden()
    assert tab.panel.cost.text() == "Every cell is there." and not tab.panel.start.isEnabled()
    assert shown.status.label.text().startswith("Swept 4 of 4 cells")


def test_a_measure_colours_the_cells_and_marks_the_best(qtbot, shown):
    tab = run(qtbot, shown)
    tab.panel.measure.choose("nfe")
    tab.panel.measure.activated.emit(tab.panel.measure.currentIndex())
    qtbot.waitUntil(lambda: bool(tab.board.matrix.captions))
    captions = tab.board.matrix.captions
    assert {place: caption.text for place, caption in captions.items()} == {
        (0, 0): "5",
        (0, 1): "5",
        (1, 0): "9",
        (1, 1): "9",
    }
    assert [p for p, caption in captions.items() if caption.best] == [(0, 0)]
    assert tab.legend.ends == ("5", "9") and not tab.legend.isHidden()
    assert tab.best.text() == "★ Steps 3 · S_churn 0"


def test_a_double_click_opens_the_take(qtbot, shown):
    tab = run(qtbot, shown)
    with qtbot.waitSignal(shown.studio.shelf.take_opened, timeout=10_000):
        click(tab.board.matrix, (1, 1), double=True)
    assert shown.top_bar.tabs.currentIndex() == SAMPLE
    assert shown.studio.editor.recipe.steps == 5
    shown.top_bar.tabs.setCurrentIndex(COMPARE)
    assert shown.pages.currentWidget() is tab
    assert tab.panel.unpin.text()  # the sweep stays on its own recipe
    qtbot.waitUntil(lambda: len(tab.board.matrix.pictures) == 4)


def test_a_marked_cell_opens_by_button_and_key(qtbot, shown):
    tab = run(qtbot, shown)
    assert not tab.open.isVisible()
    click(tab.board.matrix, (0, 1))
    assert tab.open.isVisible()
    with qtbot.waitSignal(shown.studio.shelf.take_opened, timeout=10_000):
        QTest.keyClick(tab.board.matrix, Qt.Key.Key_Return)
    assert shown.studio.editor.recipe.knobs["s_churn"] == 20.0


def test_the_third_axis_turns_pages(qtbot, shown):
    desk = shown.studio.sweeping
    with qtbot.waitSignal(desk.cells_changed):
        desk.choose(axes=(STEPS, CHURN, GUIDANCE))
    tab = run(qtbot, shown)
    assert tab.page.isVisible() and tab.page.count() == 2
    tab.page.setCurrentIndex(1)
    tab.page.activated.emit(1)
    with qtbot.waitSignal(shown.studio.shelf.take_opened, timeout=10_000):
        click(tab.board.matrix, (0, 0), double=True)
    assert shown.studio.editor.recipe.guidance == 2.0


def test_values_are_typed_and_what_is_wrong_is_said(qtbot, shown):
    panel = shown.pages.sweep.panel
    field = panel.rows[0].values
    field.selectAll()
    QTest.keyClicks(field, "3, x")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert "“x” is not a number" in panel.cost.text() and not panel.start.isEnabled()
    field.selectAll()
    QTest.keyClicks(field, "2:8:4")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown.studio.sweeping.choice.axes[0].values == (2, 4, 6, 8))
    qtbot.waitUntil(panel.start.isEnabled)
    assert field.text() == "2, 4, 6, 8"


def test_a_field_is_chosen_with_values_to_begin_with(qtbot, shown):
    panel, desk = shown.pages.sweep.panel, shown.studio.sweeping
    row = panel.rows[2]
    assert row.isVisible()
    row.field.choose("sampler")
    row.field.activated.emit(row.field.currentIndex())
    qtbot.waitUntil(lambda: len(desk.choice.axes) == 3)
    assert desk.choice.axes[2].values == ("heun", "dpmpp_2m", "deis")
    assert row.pick.isVisible()
    row._fill_menu()
    checked = [action.text() for action in row._menu.actions() if action.isChecked()]
    assert sorted(checked) == ["DEIS", "DPM++ 2M", "Heun"]
    next(action for action in row._menu.actions() if action.text() == "DEIS").trigger()
    assert desk.choice.axes[2].values == ("heun", "dpmpp_2m")
    row.field.choose("")
    row.field.activated.emit(row.field.currentIndex())
    assert len(desk.choice.axes) == 2


def test_earlier_sweeps_are_listed_and_opened(qtbot, shown):
    tab, desk = run(qtbot, shown), shown.studio.sweeping
    with qtbot.waitSignal(desk.cells_changed):
        desk.choose(axes=(GUIDANCE,))
    assert tab.earlier.count() == 2 and "Steps × S_churn" in tab.earlier.itemText(1)
    tab.earlier.activated.emit(1)
    qtbot.waitUntil(lambda: desk.choice.axes == (STEPS, CHURN) and len(desk.done) == 4)
    assert tab.earlier.currentIndex() == 0


def test_export_writes_a_table_and_a_sheet(qtbot, shown, tmp_path):
    tab = run(qtbot, shown)
    assert tab.export.isVisible()
    assert tab.save(str(tmp_path / "a.csv")) is None
    assert tab.save(str(tmp_path / "a.png")) is None
    assert (tmp_path / "a.csv").read_text().count("\n") == 5
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "could not be written" in str(tab.save("/nowhere/at/all.csv"))


def test_a_cell_that_cannot_be_made_says_why_in_its_place(qtbot, shown):
    desk = shown.studio.sweeping
    with qtbot.waitSignal(desk.cells_changed):
        desk.choose(axes=(Axis(field="sampler", values=("heun", "dpmpp_2m")), CHURN))
    assert "2 cells cannot be made" in cost_text(desk.view.forecast, None)
    tab = shown.pages.sweep
    with qtbot.waitSignal(desk.ended, timeout=20_000):
        tab.start()
    qtbot.waitUntil(lambda: len(tab.board.matrix.remarks) == 2)
    assert "no knob" in tab.board.matrix.remarks[1, 0]
