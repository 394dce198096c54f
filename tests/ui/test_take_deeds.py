"""The takes in the window: searched, starred, tagged, packed and deleted by mouse and keys."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton

from studio.ui.take_delegate import star_place
from studio.ui.takes_view import TakesView


@pytest.fixture
def made(qtbot, window):
    """Generate three takes with the seeds 0, 1 and 2."""
    for seed in range(3):
        window.studio.editor.edit("seeds", (seed,))
        with qtbot.waitSignal(window.studio.shelf.take_added):
            window.studio.generate()
    return window


@pytest.fixture
def view(made):
    return made.findChild(TakesView, "takes")


def take(window, row):
    return window.studio.shelf.page(9, 0)[row].take


def select(view, *rows):
    view.setCurrentIndex(view.take_model.index(rows[0]))
    flags = view.selectionModel().SelectionFlag.Select
    for row in rows[1:]:
        view.selectionModel().select(view.take_model.index(row), flags)


def button(toast, text):
    return next(each for each in toast.findChildren(QPushButton) if each.text() == text)


def starred(window):
    return [each.take.marks.starred for each in window.studio.shelf.page(9, 0)]


def test_typing_searches_after_a_pause_and_down_leads_to_the_first_take(qtbot, made, view):
    box = made.findChild(QLineEdit, "take_search")
    qtbot.keyClick(made, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(box.hasFocus)
    qtbot.keyClicks(box, "seed:1")
    qtbot.waitUntil(lambda: view.take_model.rowCount() == 1)
    assert made.tab.takes._count.text() == "1 of 3"
    with qtbot.waitSignal(made.studio.shelf.take_opened) as opened:
        qtbot.keyClick(box, Qt.Key.Key_Down)
    assert view.hasFocus() and opened.args[0].recipe.seeds == (1,)
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: view.take_model.rowCount() == 3)


def test_a_search_that_finds_nothing_says_how_to_search(qtbot, made, view):
    made.findChild(QLineEdit, "take_search").setText("nothing")
    qtbot.waitUntil(lambda: not view.isVisible())
    assert "No take is found" in made.tab.takes._empty.text()


def test_a_click_on_the_star_stars_and_does_not_open(qtbot, made, view):
    opened = []
    view.take_chosen.connect(opened.append)
    spot = star_place(view.visualRect(view.take_model.index(2)).toRectF()).center().toPoint()
    with qtbot.waitSignal(made.studio.shelf.take_marked):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert starred(made) == [False, False, True] and opened == []
    assert view.take_model.item(2).starred
    made.tab.takes.search.star.click()
    assert [view.take_model.rowCount(), take(made, 0).recipe.seeds] == [1, (0,)]


def test_the_key_stars_all_that_are_selected_and_unstars_them(qtbot, made, view):
    select(view, 0, 2)
    view.setFocus()
    with qtbot.waitSignals([made.studio.shelf.take_marked] * 2):
        qtbot.keyClick(view, Qt.Key.Key_S)
    assert starred(made) == [True, False, True]
    select(view, 0, 2)
    with qtbot.waitSignals([made.studio.shelf.take_marked] * 2):
        qtbot.keyClick(view, Qt.Key.Key_S)
    assert starred(made) == [False] * 3


def test_tags_of_several_takes_are_those_they_share(qtbot, made, view):
    shelf = made.studio.shelf
    for row, tags in ((0, ("cat", "own")), (1, ("cat",))):
        with qtbot.waitSignal(shelf.take_marked):
            shelf.mark(take(made, row), take(made, row).marks.changed(tags=tags))
    select(view, 0, 1)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_T)
    box = made.findChild(QLineEdit, "tags")
    assert box.text() == "cat"
    box.setText("dog, for the talk")
    with qtbot.waitSignals([shelf.take_marked] * 2):
        qtbot.keyClick(box, Qt.Key.Key_Return)
    assert take(made, 0).marks.tags == ("own", "dog", "for the talk")
    assert take(made, 1).marks.tags == ("dog", "for the talk")
    assert "#dog" in view.take_model.item(1).subtitle


def test_delete_moves_all_that_are_selected_and_undo_brings_them_back(qtbot, made, view):
    select(view, 0, 1)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert view.take_model.rowCount() == 1
    toast = made.toasts._toasts[-1]
    assert toast.title == "2 takes are in the trash."
    button(toast, "Undo").click()
    assert view.take_model.rowCount() == 3


def test_the_menu_speaks_of_what_is_selected(made, view):
    select(view, 0, 1)
    texts = [action.text() for action in takes_menu(made, 0).actions() if action.text()]
    assert texts == [
        "Star 2 takes",
        "Tags of 2 takes…",
        "Measure likelihood of 2 takes",
        "Show the folder",
        "Pack 2 takes into a zip file…",
        "Pack all that are listed…",
        "Move 2 takes to the trash",
    ]


def takes_menu(window, row):
    from studio.ui.take_deeds import TakeDeeds

    return window.findChild(TakeDeeds).menu(take(window, row).id)


def test_takes_are_packed_where_the_person_says_and_come_in_by_a_drop(
    qtbot, made, view, monkeypatch, tmp_path
):
    target = tmp_path / "mine"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    select(view, 0, 1)
    said = []
    made.studio.bundling.progressed.connect(lambda *_: said.append(made.status.label.text()))
    with qtbot.waitSignal(made.studio.bundling.packed):
        menu_action(takes_menu(made, 0), "Pack 2 takes into a zip file…").trigger()
    assert said == ["Packing the takes"] * 2
    zipped = target.with_suffix(".zip")
    assert zipped.exists()
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    with qtbot.waitSignal(made.studio.bundling.unpacked):
        made.studio.open_file(str(zipped))
    qtbot.waitUntil(lambda: view.take_model.rowCount() == 3)
    assert made.toasts._toasts[-1].title == "2 takes came in."


def menu_action(menu, text):
    return next(action for action in menu.actions() if action.text() == text)


def test_steps_that_are_gone_are_made_again_from_the_message(qtbot, made, view):
    one = take(made, 2)
    (one.folder / "trajectory.safetensors").unlink()
    with qtbot.waitSignal(made.studio.shelf.take_opened):
        made.studio.shelf.reopen(one.id)
    toast = made.toasts._toasts[-1]
    with qtbot.waitSignal(made.studio.recalling.recalled):
        button(toast, "Make them again").click()
    assert made.tab.viewer.trajectory is not None
    assert view.current_take == one.id


def test_the_place_in_the_list_stays_when_it_is_read_again(qtbot, made, view):
    view.setFixedHeight(120)
    bar = view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    made.studio.shelf.reloaded.emit()
    assert bar.value() == bar.maximum() > 0
    assert view.indexAt(QPoint(50, 100)).row() == 2


def test_a_take_is_edited_from_its_menu(qtbot, made, view):
    select(view, 0)
    actions = {action.text(): action for action in takes_menu(made, 0).actions()}
    tasks = made.studio.edit_tasks
    with qtbot.waitSignal(tasks.encoding.subject_changed, timeout=10_000):
        actions["Encode"].trigger()
    assert made.pages.edits and made.pages.edit.task == "encode"
    with qtbot.waitSignal(tasks.likelihood.list_changed, timeout=10_000):
        actions["Measure likelihood"].trigger()
    assert made.pages.edit.task == "likelihood" and len(tasks.likelihood.entries) == 1
