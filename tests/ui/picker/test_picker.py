"""The picker in the window: keys, stars, missing files, what a choice does."""

import shutil

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton

from studio.models import bundled_toys
from studio.models.catalogue import Place
from studio.ui.picker.dialog import Picker
from studio.ui.picker.entry_delegate import star_place

MOONS, SPIRALS, *_ = bundled_toys()


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "mine"
    made.mkdir()
    shutil.copy(MOONS, made / "mine.toy.json")
    (made / "broken.ckpt").write_bytes(b"")
    return made


@pytest.fixture
def picker(qtbot, window, folder):
    window.studio.remember(watched_folders=(str(folder),))
    catalogue = window.studio.catalogue
    catalogue.searching.scan()
    window.tab.card.click()
    made = window.findChild(Picker)
    qtbot.waitUntil(lambda: catalogue.entry(str(folder / "mine.toy.json")) is not None)
    qtbot.waitUntil(lambda: not catalogue.searching.running)
    made._fill()
    return made


def listed(picker):
    rows = picker.list.rows
    return [rows.entry(row).name for row in range(rows.rowCount())]


def test_one_can_type_at_once_and_open_with_enter(qtbot, window, picker, folder):
    assert picker.focusWidget() is picker.search
    QTest.keyClicks(picker.search, "mine moons")
    assert listed(picker) == ["Two moons"]
    opened = []
    window.studio.models.opening.connect(opened.append)
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    assert opened == [str(folder / "mine.toy.json")] and not picker.isVisible()


def test_arrows_walk_while_the_field_has_the_focus(picker):
    first = picker.list.current().path
    QTest.keyClick(picker.search, Qt.Key.Key_Down)
    second = picker.list.current().path
    assert second != first
    QTest.keyClick(picker.search, Qt.Key.Key_Up)
    assert picker.list.current().path == first
    assert picker.detail.name.text() == picker.list.current().name


def test_escape_empties_the_field_and_then_closes(picker):
    QTest.keyClicks(picker.search, "zzz")
    assert listed(picker) == [] and picker.list.current() is None
    assert not picker.detail.isEnabled()
    QTest.keyClick(picker.search, Qt.Key.Key_Escape)
    assert picker.search.text() == "" and listed(picker)
    QTest.keyClick(picker.search, Qt.Key.Key_Escape)
    assert not picker.isVisible()


def test_a_star_is_given_by_click_and_by_key(window, picker):
    path = picker.list.current().path
    index = picker.list.currentIndex()
    place = star_place(QRectF(picker.list.visualRect(index))).center().toPoint()
    QTest.mouseClick(picker.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.studio.settings.favourite_models == (path,)
    QTest.keyClick(picker, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert window.studio.settings.favourite_models == ()


def test_places_and_kinds_narrow_the_list(picker, folder):
    picker.places.choose(str(folder))
    assert listed(picker) == ["Two moons"]
    picker.choose_kind("unknown")
    assert listed(picker) == ["broken.ckpt"]
    assert "empty" in picker.detail.problem.text()
    assert not picker.detail.use.isVisible()
    picker.choose_kind("classifier")
    assert listed(picker) == [] and "Nothing of this kind" in picker.list._empty


def test_one_that_is_gone_is_located_or_forgotten(qtbot, window, picker, folder, monkeypatch):
    catalogue, path = window.studio.catalogue, folder / "mine.toy.json"
    catalogue.star(str(path), on=True)
    moved = shutil.move(path, folder.parent / "moved.toy.json")
    catalogue.searching.scan()
    qtbot.waitUntil(lambda: catalogue.entry(str(path)).missing)
    picker._fill()
    picker.list.look_at(str(path))
    assert not picker.detail.use.isVisible() and picker.detail.locate.isVisible()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(moved), ""))
    picker.detail.locate.click()
    qtbot.waitUntil(lambda: catalogue.entry(str(moved)) is not None)
    assert catalogue.entry(str(path)) is None
    assert window.studio.settings.favourite_models == (str(moved),)


def menu_of(picker):
    picker.detail.more.click()
    (menu,) = picker.findChildren(QMenu)
    return {action.text(): action for action in menu.actions() if action.text()}


def test_the_menu_offers_what_else_can_be_done(window, picker, folder):
    picker.list.look_at(str(folder / "mine.toy.json"))
    found = menu_of(picker)
    assert "Open" in found and "Use as the guide of the open model" in found
    found["Copy the path"].trigger()
    assert QGuiApplication.clipboard().text() == str(folder / "mine.toy.json")
    found["Use as the guide of the open model"].trigger()
    guide = window.studio.editor.recipe.guide
    assert guide is not None and guide.path == str(folder / "mine.toy.json")


def test_offers_are_taken_or_declined(qtbot, window, picker, folder):
    searching = window.studio.catalogue.searching
    other = folder.parent / "ComfyUI"
    (other / "models" / "checkpoints").mkdir(parents=True)
    searching._on_places((Place(str(other), "ComfyUI"), Place("/b", "Hugging Face cache")))
    links = [b for b in picker.places.findChildren(QPushButton) if b.text() == "Watch"]
    qtbot.waitUntil(lambda: [link.isVisible() for link in links] == [True, True])
    picker.places.offer_taken.emit(str(other))
    picker.places.offer_declined.emit("/b")
    assert searching.offers == ()
    assert str(other) in window.studio.settings.watched_folders
    assert window.studio.settings.declined_folders == ("/b",)


def test_controls_have_names_and_tips(picker):
    for button in picker.findChildren(QPushButton):
        assert button.text() or button.accessibleName()
        assert button.toolTip(), button.text()
    assert picker.list.accessibleName() and picker.search.toolTip() and picker.kind.toolTip()


def test_ctrl_o_opens_it_once(window, qtbot):
    action = next(a for a in window.actions() if a.text() == "Choose a model…")
    assert action.shortcut().toString() == "Ctrl+O"
    action.trigger()
    action.trigger()
    assert len(window.findChildren(Picker)) == 1
    window.findChild(Picker).reject()


def test_a_folder_of_models_that_was_dropped_can_be_watched(qtbot, window, folder, tmp_path):
    with qtbot.waitSignal(window.studio.opening.folder_found):
        window.studio.open_file(str(folder))
    (watch,) = [
        b for b in window.toasts.parent().findChildren(QPushButton) if b.text() == "Watch it"
    ]
    watch.click()
    picker = window.findChild(Picker)
    assert window.studio.settings.watched_folders == (str(folder),)
    assert picker.places.place == str(folder)
    qtbot.waitUntil(lambda: listed(picker) == ["Two moons"])
    picker.reject()
