"""The list of keys and the settings."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from studio.ui.commands import COMMANDS, Bindings
from studio.ui.keys_cell import key_names
from studio.ui.settings_dialog import SettingsDialog
from studio.ui.shortcuts_dialog import ShortcutsDialog

VALUES = {
    "theme": "dark",
    "output_folder": "/home/me/Elucidate",
    "device": "cuda:0",
    "dtype": "auto",
    "keep_partial": True,
}
DEVICES = [("cpu", "CPU"), ("cuda:0", "cuda:0 · H200")]


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ("Ctrl+Return", [["Ctrl", "Enter"]]),
        ("Ctrl+Return / Ctrl+Enter", [["Ctrl", "Enter"]]),
        ("Ctrl+Shift+Z / Ctrl+Y", [["Ctrl", "Shift", "Z"], ["Ctrl", "Y"]]),
        ("Left", [["←"]]),
        ("?", [["?"]]),
        ("Ctrl+,", [["Ctrl", ","]]),
        ("[", [["["]]),
    ],
)
def test_key_names(keys, names):
    assert key_names(keys) == names


@pytest.fixture
def bindings(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    deeds = {command.id: lambda: None for command in COMMANDS}
    return Bindings(deeds, window, (window,), {})


@pytest.fixture
def shortcuts(qtbot, bindings):
    dialog = ShortcutsDialog(bindings)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_every_shortcut_is_listed_whole(shortcuts):
    labels = [label for label in shortcuts.findChildren(QLabel) if label.isVisible()]
    texts = [label.text() for label in labels]
    for said in ("Play the trajectory", "Space", "Roll a new seed", "Shift", "Z", "none"):
        assert said in texts
    for label in labels:
        if not label.wordWrap():
            assert label.width() >= label.sizeHint().width(), label.text()
        right = label.mapTo(shortcuts, label.rect().topRight()).x()
        assert right < shortcuts.width(), label.text()


def test_escape_closes_the_list(shortcuts):
    QTest.keyClick(shortcuts, Qt.Key.Key_Escape)
    assert not shortcuts.isVisible()


def test_keys_are_changed_by_pressing_others(qtbot, shortcuts, bindings):
    cell = shortcuts.cells["play"]
    QTest.mouseClick(cell, Qt.MouseButton.LeftButton)
    editor = cell.findChild(QKeySequenceEdit)
    with qtbot.waitSignal(bindings.changed) as changed:
        QTest.keyClick(editor, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert changed.args == [{"play": "Ctrl+P"}]
    assert bindings.keys("play") == ("Ctrl+P",) and cell.keys == "Ctrl+P"


def test_keys_that_are_taken_are_refused_with_the_reason(qtbot, shortcuts, bindings):
    cell = shortcuts.cells["play"]
    cell.edit()
    with qtbot.waitSignal(cell.refused):
        QTest.keyClick(cell.findChild(QKeySequenceEdit), Qt.Key.Key_D)
    assert bindings.keys("play") == ("Space",)
    assert "Roll a new seed" in shortcuts.note.text()


def test_escape_leaves_the_keys_and_backspace_takes_them(shortcuts, bindings):
    cell = shortcuts.cells["play"]
    cell.edit()
    QTest.keyClick(cell.findChild(QKeySequenceEdit), Qt.Key.Key_Escape)
    assert shortcuts.isVisible() and bindings.keys("play") == ("Space",)
    cell.edit()
    QTest.keyClick(cell.findChild(QKeySequenceEdit), Qt.Key.Key_Backspace)
    assert bindings.keys("play") == ()


def test_reset_brings_all_keys_back(qtbot, shortcuts, bindings):
    assert bindings.rebind("play", "P") == ""
    reset = next(b for b in shortcuts.findChildren(QPushButton) if b.text() == "Reset")
    qtbot.mouseClick(reset, Qt.MouseButton.LeftButton)
    assert bindings.keys("play") == ("Space",) and shortcuts.cells["play"].keys == "Space"


@pytest.fixture
def dialog(qtbot):
    made = SettingsDialog(VALUES, DEVICES)
    qtbot.addWidget(made)
    made.show()
    made.seen = []
    made.applied.connect(made.seen.append)
    return made


def test_it_shows_the_values_without_applying_any(dialog):
    assert dialog.findChild(QComboBox, "setting_theme").currentData() == "dark"
    assert dialog.findChild(QComboBox, "setting_device").currentText() == "cuda:0 · H200"
    assert dialog.findChild(QComboBox, "setting_dtype").currentData() == "auto"
    assert dialog.findChild(QLineEdit, "setting_output_folder").text() == "/home/me/Elucidate"
    assert dialog.seen == []


def test_each_change_is_applied_at_once(dialog):
    for name, value in (("theme", "light"), ("device", "cpu"), ("dtype", "float16")):
        box = dialog.findChild(QComboBox, f"setting_{name}")
        box.setCurrentIndex(box.findData(value))
    dialog.findChild(QPushButton)
    switch = dialog.findChild(object, "setting_keep_partial")
    switch.click()
    assert dialog.seen == [
        {"theme": "light"},
        {"device": "cpu"},
        {"dtype": "float16"},
        {"keep_partial": False},
    ]


def test_a_device_that_is_gone_is_still_shown(qtbot):
    made = SettingsDialog({**VALUES, "device": "cuda:3"}, DEVICES)
    qtbot.addWidget(made)
    assert made.findChild(QComboBox, "setting_device").currentText() == "cuda:3 (not found here)"


def test_the_folder_can_be_chosen(dialog, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    dialog.findChild(QPushButton, "browse_output_folder").click()
    assert dialog.seen == [{"output_folder": str(tmp_path)}]
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    dialog.findChild(QPushButton, "browse_output_folder").click()
    assert len(dialog.seen) == 1


@pytest.mark.parametrize("said", ["missing", "whole path", "is a file"])
def test_a_wrong_folder_is_refused_and_explained(dialog, qtbot, tmp_path, said):
    file = tmp_path / "file"
    file.touch()
    text = {"missing": " ", "whole path": "pictures", "is a file": str(file)}[said]
    edit = dialog.findChild(QLineEdit, "setting_output_folder")
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key.Key_Tab)
    assert dialog.seen == []
    assert any(said in label.text() and label.isVisible() for label in dialog.findChildren(QLabel))
    edit.setText("/somewhere/else")
    edit.editingFinished.emit()
    assert dialog.seen == [{"output_folder": "/somewhere/else"}]


def test_every_control_is_named_and_explained(dialog):
    for name in VALUES:
        control = dialog.findChild(object, f"setting_{name}")
        assert control.accessibleName() and control.toolTip()
